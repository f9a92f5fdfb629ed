package dev.hearth.e2e;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may know whom: the edges of the design. */
class ArchitectureTest {
    static final JavaClasses HEARTH =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.hearth");
    private static final List<String> ROOMS =
            List.of(
                    "gateway",
                    "runtime",
                    "autoscaler",
                    "imagecache",
                    "catalog",
                    "standalone",
                    "cli");

    @Test
    void rooms_seeContractsAndNoSibling() {
        for (String room : ROOMS) {
            List<String> siblings = new ArrayList<>();
            for (String other : ROOMS) {
                boolean sameNode = room.equals("runtime") && other.equals("imagecache");
                if (!other.equals(room) && !sameNode) {
                    siblings.add("dev.hearth." + other + "..");
                }
            }
            noClasses()
                    .that()
                    .resideInAPackage("dev.hearth." + room + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(siblings.toArray(String[]::new))
                    .check(HEARTH);
        }
    }

    /** What gateways and nodes say to each other is theirs alone. */
    @Test
    void nodeApi_knowsContractsOnly_andIsKnownToGatewayAndNode() {
        noClasses()
                .that()
                .resideInAPackage("dev.hearth.nodeapi..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.hearth..")
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        "dev.hearth.nodeapi..",
                                                        "dev.hearth.contracts.."))))
                .check(HEARTH);
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.hearth.nodeapi..",
                        "dev.hearth.gateway.fleet..",
                        "dev.hearth.runtime.serve..",
                        "dev.hearth.process..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.hearth.nodeapi..")
                .check(HEARTH);
    }

    @Test
    void contracts_knowNobody() {
        classes()
                .that()
                .resideInAPackage("dev.hearth.contracts..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.hearth.contracts..", "java..", "org.jspecify..")
                .check(HEARTH);
    }

    @Test
    void apps_areImportedByNobodyElse() {
        for (String room : List.of("gateway", "runtime", "autoscaler", "imagecache", "catalog")) {
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.hearth." + room + ".app..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.hearth." + room + ".app..")
                    .check(HEARTH);
        }
    }

    @Test
    void hibernate_knownToTheCatalogOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.hearth.catalog..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.hibernate..", "jakarta.persistence..")
                .check(HEARTH);
    }

    @Test
    void jnr_knownToThePosixPackageOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.hearth.runtime.posix..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jnr..")
                .check(HEARTH);
    }

    @Test
    void deciders_knowNoFramework() {
        classes()
                .that()
                .resideInAnyPackage(
                        "dev.hearth.gateway.route..",
                        "dev.hearth.gateway.pool..",
                        "dev.hearth.gateway.wait..",
                        "dev.hearth.autoscaler.decide..",
                        "dev.hearth.imagecache.reference..",
                        "dev.hearth.runtime.instance..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.hearth..", "java..", "org.jspecify..")
                .check(HEARTH);
    }

    @Test
    void time_isAskedOfTheClockOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.hearth.contracts..", "dev.hearth.cli..", "dev.hearth.bench..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(HEARTH);
    }
}
