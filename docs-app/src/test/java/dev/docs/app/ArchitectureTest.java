package dev.docs.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;

/** The direction of dependencies, as sentences. */
class ArchitectureTest {
    private static final String DOMAIN = "dev.docs.domain..";
    private static final String APPLICATION = "dev.docs.application..";
    private static final String JDBI = "dev.docs.adapter.jdbi..";
    private static final String FS = "dev.docs.adapter.fs..";
    private static final String TIKA = "dev.docs.adapter.tika..";
    private static final String HTTP = "dev.docs.adapter.http..";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.docs");

    @Test
    void the_domain_knows_the_jdk_and_annotations_for_null() {
        check(classes()
                .that()
                .resideInAPackage(DOMAIN)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(DOMAIN, "java..", "org.jspecify.annotations..")
                .because("embedders get the model without a framework"));
    }

    @Test
    void the_domain_sees_no_clock_file_or_database() {
        check(noClasses()
                .that()
                .resideInAPackage(DOMAIN)
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.(nio\\.file|sql|net)\\..*|java\\.io\\.(File|.*Stream)|java\\.time\\.Clock")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .because("what it decides depends on what it is given and on nothing else"));
    }

    @Test
    void the_use_cases_know_the_domain_and_no_adapter() {
        check(noClasses()
                .that()
                .resideInAPackage(APPLICATION)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.docs.adapter..",
                        "dev.docs.app..",
                        "io.javalin..",
                        "org.jdbi..",
                        "org.apache.tika..",
                        "java.sql..")
                .because("adapters are swapped without touching a use case"));
    }

    @ParameterizedTest
    @CsvSource({
        JDBI + "," + FS,
        JDBI + "," + HTTP,
        JDBI + "," + TIKA,
        FS + "," + JDBI,
        FS + "," + HTTP,
        FS + "," + TIKA,
        HTTP + "," + JDBI,
        HTTP + "," + FS,
        HTTP + "," + TIKA,
        TIKA + "," + JDBI,
        TIKA + "," + FS,
        TIKA + "," + HTTP
    })
    void an_adapter_does_not_see_another(String adapter, String other) {
        check(noClasses()
                .that()
                .resideInAPackage(adapter)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(other)
                .because("each must be replaceable alone"));
    }

    @Test
    void adapters_of_ports_do_not_see_the_use_cases() {
        check(noClasses()
                .that()
                .resideInAnyPackage(JDBI, FS, TIKA)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(APPLICATION)
                .because("they serve the ports, whoever calls them"));
    }

    @Test
    void http_does_not_see_the_ports() {
        check(noClasses()
                .that()
                .resideInAPackage(HTTP)
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "dev\\.docs\\.domain\\.(DocumentRepository|ResumableRepository|StorageBackend|ResumableStorage|TokenRepository|MediaTypeDetector)(\\$.*)?")
                .because("what went past the use cases would go past authorisation too"));
    }

    @Test
    void only_the_composition_root_knows_everybody() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.docs.app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.docs.app..")
                .because("configuration is decided once, at the outside"));
    }

    @Test
    void only_the_server_counts_for_prometheus() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.docs.app..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.micrometer..", "io.prometheus..")
                .because("embedders have metrics of their own, and get plain values"));
    }

    @Test
    void names_say_what_a_thing_is() {
        check(noClasses()
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Base")
                .because("such endings name no idea"));
    }

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }
}
