package io.kinora.decoder.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kinora.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading scheduler configurations, and the tables that follow from them. */
final class SamplersTest {
    @Test
    void tablesEqualTheSpotValuesOfTheOfficialCode() {
        NoiseSchedule schedule = build(stableDiffusion()).noiseSchedule();
        assertThat(schedule.alphaBar(0)).isCloseTo(0.99915f, within(1e-7f));
        assertThat(schedule.alphaBar(21)).isCloseTo(0.98038065f, within(1e-6f));
        assertThat(schedule.alphaBar(500)).isCloseTo(0.27633247f, within(3e-7f));
        assertThat(schedule.alphaBar(981)).isCloseTo(0.005775496f, within(1e-8f));
        assertThat(schedule.sigma(999)).isCloseTo(14.61465f, within(1e-4f));
    }

    @Test
    void aClassBuiltFromAnotherClassesFileTakesItsOwnDefaultsForWhatTheFileLacks() {
        ObjectNode ddimFile = stableDiffusion();
        try (SamplerRun ddim = build(ddimFile).start(25);
                SamplerRun dpm = Samplers.fromConfig(ddimFile, Optional.of(SamplerKind.DPM_SOLVER))
                        .start(25)) {
            assertThat(ddim.timestep(0)).isEqualTo(961);
            assertThat(dpm.timestep(0)).isEqualTo(999);
            assertThat(dpm.timestep(24)).isEqualTo(40);
        }
    }

    @Test
    void settingsThatTheFileSaysWereDefaultsCountAsAbsent() {
        ObjectNode file = stableDiffusion().put("timestep_spacing", "trailing");
        file.putArray("_use_default_values").add("timestep_spacing");
        try (SamplerRun run = build(file).start(10)) {
            assertThat(run.timestep(0)).isEqualTo(901);
        }
    }

    @Test
    void infiniteBoundsAreReadInEverySpelling(@TempDir Path folder) throws IOException {
        for (String spelling : new String[] {"-Infinity", "\"-inf\""}) {
            Path file = folder.resolve(Samplers.CONFIG_FILE);
            Files.writeString(
                    file,
                    "{\"_class_name\": \"DPMSolverMultistepScheduler\", \"lambda_min_clipped\": %s}"
                            .formatted(spelling));
            assertThat(Samplers.load(file, Optional.empty()).kind()).isEqualTo(SamplerKind.DPM_SOLVER);
        }
    }

    @Test
    void everyNameOfASamplerIsUnderstood() {
        for (SamplerKind kind : SamplerKind.values()) {
            assertThat(SamplerKind.parse(kind.shortName())).isEqualTo(kind);
            assertThat(SamplerKind.parse(kind.className())).isEqualTo(kind);
            assertThat(Samplers.fromConfig(stableDiffusion(), Optional.of(kind)).kind())
                    .isEqualTo(kind);
        }
        assertThatThrownBy(() -> SamplerKind.parse("lms"))
                .hasMessageContaining("'lms'")
                .hasMessageContaining("dpm++");
    }

    @Test
    void refusalsNameTheSettingTheValueAndWhatIsAllowed() {
        assertRefused(stableDiffusion().put("beta_schedule", "sigmoid"), "beta_schedule", "sigmoid", "scaled_linear");
        assertRefused(stableDiffusion().put("prediction_type", "flow"), "prediction_type", "flow", "v_prediction");
        assertRefused(stableDiffusion().put("timestep_spacing", 3), "timestep_spacing", "3", "trailing");
        assertRefused(stableDiffusion().put("steps_offset", 0.5), "steps_offset", "0.5", "whole number");
        assertRefused(stableDiffusion().put("beta_start", "low"), "beta_start", "low", "number");
        assertRefused(stableDiffusion().put("clip_sample", "no"), "clip_sample", "no", "true or false");
        assertRefused(stableDiffusion().put("num_train_timesteps", 0), "num_train_timesteps", "0", "1 or more");
        assertRefused(
                stableDiffusion().put("_class_name", "LMSDiscreteScheduler"), "_class_name", "LMS", "DDIMScheduler");
        assertRefused(stableDiffusion().put("shiny", true), "unknown setting", "shiny", "beta_start");
        ObjectNode dpm = stableDiffusion().put("_class_name", "DPMSolverMultistepScheduler");
        assertRefused(dpm.deepCopy().put("solver_order", 4), "solver_order", "4", "1 to 3");
        assertRefused(dpm.deepCopy().put("algorithm_type", "dpmsolver"), "final_sigmas_type", "zero", "sigma_min");
        assertRefused(dpm.deepCopy().put("use_beta_sigmas", true), "use_beta_sigmas", "true", "false");
        assertRefused(dpm.deepCopy().put("variance_type", "learned"), "variance_type", "learned", "not learned");
        ObjectNode thresholding = stableDiffusion().put("thresholding", true);
        assertRefused(thresholding.put("dynamic_thresholding_ratio", 2), "dynamic_thresholding_ratio", "2", "0 to 1");
        ObjectNode betas = stableDiffusion();
        betas.putArray("trained_betas").add(0.1).add(1.5);
        assertRefused(betas, "beta 1", "1.5", "0 to 1");
    }

    @Test
    void stepsThatTheScheduleDoesNotHaveAreRefused() {
        assertThatThrownBy(() -> build(stableDiffusion()).start(0))
                .hasMessageContaining("steps is 0, allowed is 1 to 1000");
        assertThatThrownBy(() -> build(stableDiffusion()).start(1001)).hasMessageContaining("1001");
        assertThatThrownBy(() -> build(stableDiffusion()).start(1000)).hasMessageContaining("timestep at 1000");
        assertThatThrownBy(() -> build(stableDiffusion()
                                .put("_class_name", "PNDMScheduler")
                                .put("skip_prk_steps", false))
                        .start(3))
                .hasMessageContaining("allowed is 4 to 1000");
    }

    @Test
    void filesThatAreNoConfigurationAreRefusedByName(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("absent.json");
        assertThatThrownBy(() -> Samplers.load(missing, Optional.empty()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("absent.json");
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"a\": ");
        assertThatThrownBy(() -> Samplers.load(broken, Optional.empty()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("broken.json is not JSON");
        Path list = Files.writeString(folder.resolve("list.json"), "[]");
        assertThatThrownBy(() -> Samplers.load(list, Optional.empty())).hasMessageContaining("is no JSON object");
    }

    private static void assertRefused(ObjectNode config, String... words) {
        assertThatThrownBy(() -> build(config))
                .isInstanceOf(CheckpointException.class)
                .message()
                .contains(words);
    }

    private static Sampler build(ObjectNode config) {
        return Samplers.fromConfig(config, Optional.empty());
    }

    private static ObjectNode stableDiffusion() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("_class_name", "DDIMScheduler")
                .put("beta_start", 0.00085)
                .put("beta_end", 0.012)
                .put("beta_schedule", "scaled_linear")
                .put("clip_sample", false)
                .put("set_alpha_to_one", false)
                .put("steps_offset", 1);
    }
}
