package io.kinora.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kinora.service.doctor.Doctor;
import io.kinora.service.doctor.Finding;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor finds on a machine that can do everything, and what of one that cannot. */
@Tag("slow")
class DoctorCommandTest {
    @TempDir
    Path folder;

    @Test
    void aMachineThatCanRunTheTestsIsWell() {
        List<Finding> findings = Doctor.examine(config(Map.of("kinora.kafka.embedded.port", 0)));
        assertThat(findings).noneMatch(finding -> finding.state() == Finding.State.FAILED);
        assertThat(findings)
                .extracting(Finding::name)
                .contains(
                        "java",
                        "memory",
                        "processor",
                        "video mp4 h264",
                        "video webm vp9",
                        "disk",
                        "checkpoint",
                        "broker");
        assertThat(find(findings, "processor").what()).contains("GFLOP/s");
        assertThat(find(findings, "video mp4 h264").what()).contains("h264 is written and read");
    }

    @Test
    void whatKeepsItFromWorkingComesWithWhatToDo() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Finding> findings = Doctor.examine(config(Map.of(
                    "kinora.kafka.embedded.port",
                    taken.getLocalPort(),
                    "kinora.checkpoint",
                    empty.resolve("nowhere").toString(),
                    "kinora.http.host",
                    "0.0.0.0")));
            assertThat(find(findings, "checkpoint").state()).isEqualTo(Finding.State.FAILED);
            assertThat(find(findings, "checkpoint").advice().orElseThrow()).contains("--checkpoint");
            assertThat(find(findings, "broker").what()).contains("is taken");
            assertThat(find(findings, "configuration").advice().orElseThrow()).contains("tenants");
        }
    }

    @Test
    void aKeyThatCannotBeUsedIsNamed() {
        List<Finding> findings =
                Doctor.examine(config(Map.of("kinora.http.port", "many", "kinora.kafka.embedded.port", 0)));
        assertThat(find(findings, "configuration").state()).isEqualTo(Finding.State.FAILED);
        assertThat(find(findings, "configuration").what()).contains("port");
    }

    private Config config(Map<String, ?> changed) {
        return ConfigFactory.parseMap(changed)
                .withFallback(ConfigFactory.parseMap(
                        Map.of("kinora.data-dir", folder.resolve("data").toString())))
                .withFallback(ConfigFactory.load())
                .resolve();
    }

    private static Finding find(List<Finding> findings, String name) {
        return findings.stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
