package io.kinora.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the arrows that docs/architecture.md draws: who may import whom, and where each technology is at home. */
class ModuleArrowsTest {
    private static final JavaClasses KINORA = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            // What modules lend to each other's tests comes in jars once it is packaged.
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.kinora");

    @Test
    void everyModuleIsSeenByThisTest() {
        for (String module : new String[] {"tensor", "video", "model", "decoder", "kafka", "actors", "service"}) {
            assertThat(KINORA.stream().filter(type -> type.getPackageName().startsWith("io.kinora." + module)))
                    .as(module)
                    .isNotEmpty();
        }
    }

    @ParameterizedTest(name = "{0} is used only by [{1}]")
    @CsvSource({
        "service,         benchmarks",
        "actors,          service benchmarks",
        "kafka,           actors service benchmarks",
        "video,           actors service benchmarks training",
        "decoder,         actors service benchmarks training",
        "model,           decoder actors service benchmarks training",
        "tensor,          model decoder actors service benchmarks training",
        "tensor.libtorch, benchmarks",
    })
    void modulesDependOneWay(String used, String users) {
        String[] allowed = Arrays.stream((used + " " + users).split("\\s+"))
                .map(module -> "io.kinora." + module + "..")
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage("io.kinora." + used + "..")
                .should()
                .onlyHaveDependentClassesThat(resideInAnyPackage(allowed))
                .check(KINORA);
    }

    @ParameterizedTest(name = "{0} is at home in [{1}]")
    @CsvSource({
        "org.bytedeco.ffmpeg.. org.bytedeco.javacv..,              video",
        "org.bytedeco.pytorch..,                                   tensor.libtorch",
        "org.nd4j..,                                               tensor.nd4j",
        "org.apache.kafka.. kafka.. akka.kafka..,                  kafka actors",
        "akka.actor.. akka.stream.. com.esotericsoftware..,        actors service kafka",
        "picocli..,                                                service",
        "io.opentelemetry..,                                       actors.trace service",
        "ai.djl..,                                                 model.text",
    })
    void eachTechnologyHasOneHome(String packages, String homes) {
        String[] allowed = Arrays.stream(homes.split("\\s+"))
                .map(module -> "io.kinora." + module + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideOutsideOfPackages(allowed)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages.split("\\s+"))
                .allowEmptyShould(true)
                .check(KINORA);
    }

    @Test
    void decodersUseOfTheModelsOnlyLayersCheckpointsAndTokenizers() {
        noClasses()
                .that()
                .resideInAPackage("io.kinora.decoder..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.kinora.model..")
                        .and(com.tngtech.archunit.base.DescribedPredicate.not(resideInAnyPackage(
                                "io.kinora.model.nn..", "io.kinora.model.checkpoint..", "io.kinora.model.text.."))))
                .check(KINORA);
    }

    @Test
    void packagesOfAModuleFormNoCycles() {
        for (String module : new String[] {"model", "decoder", "actors", "kafka"}) {
            slices().matching("io.kinora." + module + ".(*)..")
                    .should()
                    .beFreeOfCycles()
                    .check(KINORA);
        }
    }
}
