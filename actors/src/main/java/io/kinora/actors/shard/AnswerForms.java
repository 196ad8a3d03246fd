package io.kinora.actors.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kinora.model.llm.grammar.Grammar;
import io.kinora.model.llm.grammar.GrammarException;
import io.kinora.model.llm.grammar.JsonSchemaGrammar;
import io.kinora.model.llm.grammar.TokenConstraint;
import io.kinora.model.modaverse.meta.MetaResponseForm;
import io.kinora.model.modaverse.meta.Modality;
import io.kinora.model.text.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Forms compiled against a language model's vocabulary, the last ones kept. Confined to the language model's thread. */
final class AnswerForms {
    private static final int MOST_KEPT = 16;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Tokenizer tokenizer;
    private Optional<TokenConstraint.Vocabulary> vocabulary = Optional.empty();
    private final Map<AnswerForm, TokenConstraint> compiled = new LinkedHashMap<>(MOST_KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<AnswerForm, TokenConstraint> eldest) {
            return size() > MOST_KEPT;
        }
    };

    AnswerForms(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * One answer's way through a form.
     *
     * @throws IllegalArgumentException if the form cannot be kept to
     */
    TokenConstraint.Run start(AnswerForm form) {
        try {
            return compiled.computeIfAbsent(form, this::compile).start();
        } catch (GrammarException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private TokenConstraint compile(AnswerForm form) {
        TokenConstraint.Vocabulary pieces = vocabulary.orElseGet(() -> new TokenConstraint.Vocabulary(tokenizer));
        vocabulary = Optional.of(pieces);
        return pieces.compile(grammar(form));
    }

    private static Grammar grammar(AnswerForm form) {
        if (form instanceof AnswerForm.MetaResponses meta) {
            Set<Modality> modalities = meta.modalities().stream()
                    .map(name -> Modality.labelled(name)
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "there is no modality '%s'; allowed are text, image, audio and video"
                                            .formatted(name))))
                    .collect(Collectors.toSet());
            return MetaResponseForm.of(modalities, meta.most());
        }
        if (form instanceof AnswerForm.JsonSchema schema) {
            try {
                return JsonSchemaGrammar.of(JSON.readTree(schema.schema()));
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException("the schema is not JSON: " + e.getOriginalMessage(), e);
            }
        }
        return JsonSchemaGrammar.anyObject();
    }
}
