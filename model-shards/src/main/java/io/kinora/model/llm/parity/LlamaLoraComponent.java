package io.kinora.model.llm.parity;

/** {@code llama.lora}: {@code llama.logits} with a PEFT adapter. */
public final class LlamaLoraComponent extends LlamaLogitsComponent {
    @Override
    public String name() {
        return "llama.lora";
    }
}
