package io.kinora.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CheckpointLayoutTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // files of the folder | variant asked for | file chosen
                "model.safetensors pytorch_model.bin config.json | | model.safetensors",
                "pytorch_model.bin flax_model.msgpack | | pytorch_model.bin",
                "diffusion_pytorch_model.safetensors diffusion_pytorch_model.bin | | diffusion_pytorch_model.safetensors",
                "diffusion_pytorch_model.safetensors diffusion_pytorch_model.fp16.safetensors | | diffusion_pytorch_model.safetensors",
                "diffusion_pytorch_model.safetensors diffusion_pytorch_model.fp16.safetensors | fp16 | diffusion_pytorch_model.fp16.safetensors",
                "diffusion_pytorch_model.fp16.bin diffusion_pytorch_model.fp16.safetensors | fp16 | diffusion_pytorch_model.fp16.safetensors",
                "diffusion_pytorch_model.bin diffusion_pytorch_model.fp16.safetensors | | diffusion_pytorch_model.bin",
                "diffusion_pytorch_model.bf16.safetensors config.json | | diffusion_pytorch_model.bf16.safetensors",
                "diffusion_pytorch_model.non_ema.safetensors diffusion_pytorch_model.safetensors | non_ema | diffusion_pytorch_model.non_ema.safetensors",
                "model.safetensors training_args.bin optimizer.pt | | model.safetensors",
                "imagebind_huge.pth | | imagebind_huge.pth",
                "imagebind_huge.pth imagebind_huge.safetensors | | imagebind_huge.safetensors",
                "pytorch_model.pt | | pytorch_model.pt",
                "Emu2_pytorch_model.bf16.bin config.json | | Emu2_pytorch_model.bf16.bin",
                "text2video_pytorch_model.pth | | text2video_pytorch_model.pth"
            })
    void theFileTheLibrariesWouldTakeIsChosen(String files, String variant, String chosen) throws IOException {
        create(files);
        CheckpointLayout layout = CheckpointLayout.resolve(folder, Optional.ofNullable(variant));
        assertThat(layout.files()).containsExactly(folder.resolve(chosen));
        assertThat(layout.fileOf()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "config.json | | holds no checkpoint",
                "model-00001-of-00002.safetensors model-00002-of-00002.safetensors | | holds no checkpoint",
                "model.fp16.safetensors model.bf16.safetensors | | choose one of bf16, fp16",
                "model.safetensors model.fp16.safetensors | bf16 | holds no variant bf16 of a checkpoint, but model.fp16.safetensors, model.safetensors",
                "one.safetensors two.safetensors | | several checkpoints: give the path of one of one.safetensors, two.safetensors",
                "one.pth two.bin | | several checkpoints"
            })
    void whatCannotBeChosenIsSaid(String files, String variant, String reason) throws IOException {
        create(files);
        assertThatThrownBy(() -> CheckpointLayout.resolve(folder, Optional.ofNullable(variant)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining(folder.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "model.safetensors.index.json, ",
        "model.safetensors.index.bf16.json, ",
        "model.safetensors.index.bf16.json, bf16",
        "diffusion_pytorch_model.safetensors.index.fp16.json, fp16",
        "pytorch_model.bin.index.json, "
    })
    void anIndexLeadsToItsFiles(String index, String variant) throws IOException {
        create("part-00001-of-00002.safetensors part-00002-of-00002.safetensors");
        Files.writeString(folder.resolve(index), """
                {"metadata": {"total_size": 4}, "weight_map": {
                  "b": "part-00002-of-00002.safetensors",
                  "a": "part-00001-of-00002.safetensors",
                  "c": "part-00002-of-00002.safetensors"}}
                """);
        CheckpointLayout layout = CheckpointLayout.resolve(folder, Optional.ofNullable(variant));
        Path first = folder.resolve("part-00001-of-00002.safetensors");
        Path second = folder.resolve("part-00002-of-00002.safetensors");
        assertThat(layout.files()).containsExactlyInAnyOrder(first, second);
        assertThat(layout.fileOf()).isEqualTo(Map.of("a", first, "b", second, "c", second));
        assertThat(CheckpointLayout.resolve(folder.resolve(index), Optional.empty()))
                .isEqualTo(layout);
    }

    @Test
    void oneFileIsPreferredToAnIndexOfMany() throws IOException {
        create("model.safetensors part.safetensors");
        Files.writeString(
                folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"part.safetensors\"}}");
        assertThat(CheckpointLayout.resolve(folder, Optional.empty()).files())
                .containsExactly(folder.resolve("model.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../model.safetensors",
                "/etc/passwd",
                "sub/model.safetensors",
                "..\\\\model.safetensors",
                "",
                ".hidden",
                "a\\u0000b"
            })
    void anIndexMustNotLeadOutOfItsFolder(String name) throws IOException {
        Path index = Files.writeString(
                folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"%s\"}}".formatted(name));
        assertThatThrownBy(() -> CheckpointLayout.resolve(index, Optional.empty()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is not the name of a file beside it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"weight_map\": {\"a\": 1}} | is not the name of a file",
                "{\"weight_map\": {\"a\": \"gone.bin\", \"b\": \"gone too.bin\"}} | names 2 files that are not beside it: gone.bin, gone too.bin",
                "{\"weight_map\": {}} | has no weight_map",
                "{\"weight_map\": []} | has no weight_map",
                "[] | has no weight_map",
                "{\"weight | is not JSON"
            })
    void aBrokenIndexIsRefused(String json, String reason) throws IOException {
        Files.writeString(folder.resolve("pytorch_model.bin.index.json"), json);
        assertThatThrownBy(() -> CheckpointLayout.resolve(folder, Optional.empty()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aPathThatIsNotThereIsSaid() {
        assertThatThrownBy(() -> CheckpointLayout.resolve(folder.resolve("none"), Optional.empty()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("neither a file nor a folder");
    }

    private void create(String files) throws IOException {
        for (String file : files.split(" ", -1)) {
            Files.createFile(folder.resolve(file));
        }
    }
}
