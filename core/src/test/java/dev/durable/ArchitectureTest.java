package dev.durable;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.durable.internal.service.Threads;
import dev.durable.testing.Circles;
import dev.durable.testing.Proves;
import dev.durable.testing.Sources;
import dev.durable.testing.TypeSizes;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.TransactionBody;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who may depend on whom, and what stands in one place only. */
@DisplayName("The rules of the house")
class ArchitectureTest {

  private static final String[] EXPORTED = Sources.exported();
  private static final String INTERNAL = "dev.durable.internal";

  /** No part of the machinery is a knot: so many classes at most may need each other. */
  private static final int LARGEST_CIRCLE = 4;

  /** The packages of the machinery from the top down: each may know those behind it. */
  private static final List<String> FLOORS =
      List.of(
          "",
          ".client",
          ".schedule",
          ".engine",
          ".engine.flow",
          ".engine.step",
          ".engine.wait",
          ".engine.run",
          ".transaction",
          ".journal",
          ".worker",
          ".store",
          ".store.schedule",
          ".store.worker",
          ".store.client",
          ".store.journal",
          ".store.jdbc",
          ".settings",
          ".codec",
          ".service",
          ".text",
          ".form",
          ".thread");

  /** A longer file tells more than one story. */
  private static final int LONGEST_FILE = 300;

  private static final Pattern UNNAMED_ACTOR =
      Pattern.compile("\\b(?:somebody|nobody|whoever)\\b", Pattern.CASE_INSENSITIVE);

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .importUrl(Durable.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  @DisplayName(
      "1. what is exported never imports what is internal, but for the check of texts, the state"
          + " of forms and the context of a thread; only the builder and its worker"
          + " form do")
  void exportedPackagesDoNotKnowTheMachinery() {
    noClasses()
        .that()
        .resideInAnyPackage(EXPORTED)
        .and()
        .doNotBelongToAnyOf(DurableBuilder.class, WorkerOptions.class)
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.durable.internal..")
                .and(
                    resideOutsideOfPackages(
                        "dev.durable.internal.text",
                        "dev.durable.internal.form",
                        "dev.durable.internal.thread")))
        .check(CORE);
  }

  @Test
  @DisplayName("2. no cycles between packages; the facade and its exceptions are exempt")
  void packagesHaveNoCycles() {
    DescribedPredicate<JavaClass> wiring = resideInAPackage("dev.durable");
    slices()
        .matching("dev.durable.(**)")
        .should()
        .beFreeOfCycles()
        .ignoreDependency(wiring, DescribedPredicate.alwaysTrue())
        .ignoreDependency(DescribedPredicate.alwaysTrue(), wiring)
        .check(CORE);
  }

  @Test
  @DisplayName("3. JDBC only where it belongs, and where a DataSource or Connection is accepted")
  void jdbcIsKeptInItsRooms() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.durable.internal.store..",
            "dev.durable.internal.journal..",
            "dev.durable.internal.transaction..",
            "dev.durable.migration")
        .and()
        .doNotBelongToAnyOf(Durable.class, DurableBuilder.class, TransactionScope.class)
        .and()
        .doNotHaveFullyQualifiedName("dev.durable.workflow.TransactionContext")
        .and()
        .doNotHaveFullyQualifiedName("dev.durable.internal.DurableInstance")
        .and()
        .doNotHaveFullyQualifiedName("dev.durable.internal.client.CallerTransaction")
        .and()
        .doNotHaveFullyQualifiedName("dev.durable.internal.client.CallerTransactions")
        .and()
        .doNotHaveFullyQualifiedName("dev.durable.internal.client.CurrentOperations")
        .and()
        .doNotBelongToAnyOf(TransactionBinding.class)
        .and()
        // Listens for hints, and so meets the loss of its connection.
        .doNotHaveFullyQualifiedName("dev.durable.internal.worker.Hints")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql", "javax.sql")
        .check(CORE);
  }

  @Test
  @DisplayName("4. the migrations use nothing of ours but the base exception")
  void migrationsStandAlone() {
    noClasses()
        .that()
        .resideInAPackage("dev.durable.migration")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.durable..")
                .and(DescribedPredicate.not(resideInAPackage("dev.durable.migration")))
                .and(DescribedPredicate.not(JavaClass.Predicates.type(DurableException.class))))
        .check(CORE);
  }

  @Test
  @DisplayName("5. the store never calls user code, and the engine never sees a connection")
  void storeAndEngineKeepApart() {
    noClasses()
        .that()
        .resideInAPackage("dev.durable.internal.store..")
        .should()
        .dependOnClassesThat(
            are(
                JavaClass.Predicates.belongToAnyOf(
                    StepBody.class, StepFunction.class, TransactionBody.class)))
        .check(CORE);
    noClasses()
        .that()
        .resideInAPackage("dev.durable.internal.engine..")
        .should()
        .dependOnClassesThat(
            are(JavaClass.Predicates.belongToAnyOf(Connection.class, DataSource.class)))
        .check(CORE);
  }

  @Test
  @DisplayName("6. only the json package mentions Jackson to users")
  void jacksonIsKeptInItsRoom() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.durable.json")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("tools.jackson..", "com.fasterxml..")
        .check(CORE);
  }

  @Test
  @DisplayName("7. one source of ids, and the JVM's wall clock only there; its zone nowhere")
  void timeAndIdsHaveOneSource() {
    noClasses()
        .that()
        // The beginning of an id is the time, so that ids ascend; nothing is decided by it.
        .doNotHaveFullyQualifiedName("dev.durable.internal.store.jdbc.TimeOrderedIds")
        .should()
        .accessTargetWhere(asksTheJvm())
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Clock.class, InstantSource.class, Date.class, Calendar.class, TimeZone.class)
        .check(CORE);
  }

  private static DescribedPredicate<JavaAccess<?>> asksTheJvm() {
    return DescribedPredicate.describe(
        "asks the JVM for the time, its zone, or an id",
        access -> {
          String target = access.getTargetOwner().getName() + "." + access.getName();
          return target.matches("java\\.time\\..*\\.now")
              || List.of(
                      "java.lang.System.currentTimeMillis",
                      "java.time.ZoneId.systemDefault",
                      "java.util.UUID.randomUUID")
                  .contains(target);
        });
  }

  @Test
  @DisplayName("8. locks instead of synchronized, and ThreadLocal instead of ScopedValue")
  void virtualThreadsAreNeverPinned() {
    methods().should().notHaveModifier(SYNCHRONIZED).check(CORE);
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.ScopedValue")
        .check(CORE);
    // Bytecode that ArchUnit reads does not show synchronized blocks; the sources do.
    Pattern block = Pattern.compile("\\bsynchronized\\s*\\(");
    assertThat(Sources.below("dev")).noneMatch(file -> block.matcher(Sources.read(file)).find());
  }

  @Test
  @Proves("F13.7")
  @DisplayName("One class makes all threads, so that none inherits from its maker")
  void oneClassMakesThreads() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(Threads.class)
        .should()
        .callMethod(Thread.class, "ofVirtual")
        .orShould()
        .callMethod(Thread.class, "ofPlatform")
        .orShould()
        .callMethod(Thread.class, "startVirtualThread", Runnable.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Executors.class)
        .check(CORE);
  }

  @Test
  @DisplayName("9. no knots: few classes of the machinery need each other in a circle")
  void noKnots() {
    Map<String, Set<String>> arrows = new TreeMap<>();
    CORE.stream()
        .filter(type -> type.getPackageName().startsWith(INTERNAL))
        .forEach(
            type -> {
              String from = file(type);
              type.getDirectDependenciesFromSelf().stream()
                  .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                  .filter(target -> target.getPackageName().startsWith(INTERNAL))
                  .map(ArchitectureTest::file)
                  .filter(to -> !to.equals(from))
                  .forEach(to -> arrows.computeIfAbsent(from, none -> new TreeSet<>()).add(to));
            });
    assertThat(arrows).hasSizeGreaterThan(100);
    assertThat(Circles.of(arrows)).filteredOn(circle -> circle.size() > LARGEST_CIRCLE).isEmpty();
  }

  /** Nested classes count with the class of their file. */
  private static String file(JavaClass type) {
    return type.getName().replaceFirst("\\$.*", "");
  }

  @Test
  @DisplayName("10. no file of the machinery is too long to read")
  void filesAreShort() {
    assertThat(Sources.below("dev/durable/internal"))
        .hasSizeGreaterThan(100)
        .filteredOn(file -> Sources.codeLines(file) > LONGEST_FILE)
        .isEmpty();
  }

  @Test
  @DisplayName("10. nine in ten types of the machinery are short, and half of them very short")
  void typesAreShort() throws IOException {
    List<Integer> sizes =
        TypeSizes.of(Sources.below("dev/durable/internal")).values().stream().sorted().toList();
    assertThat(sizes).hasSizeGreaterThan(300);
    assertThat(sizes.get(sizes.size() / 2)).as("median").isLessThan(35);
    assertThat(sizes.get(sizes.size() * 9 / 10)).as("nine in ten").isLessThan(115);
    assertThat(sizes.getLast()).as("longest").isLessThanOrEqualTo(LONGEST_FILE);
  }

  @Test
  @DisplayName("11. sentences in the sources name who acts")
  void sentencesNameTheirActor() {
    List<String> unnamed =
        Sources.modules().stream()
            .flatMap(module -> Sources.files(module).stream())
            .flatMap(
                file ->
                    Sources.read(file)
                        .lines()
                        .filter(line -> UNNAMED_ACTOR.matcher(line).find())
                        .map(line -> file + ": " + line.strip()))
            .toList();
    assertThat(unnamed).isEmpty();
  }

  @Test
  @DisplayName("12. in one module no two types have the same name")
  void namesAreUnique() {
    List<String> twins = new ArrayList<>();
    for (Path module : Sources.modules()) {
      Set<String> names = new HashSet<>();
      for (Path file : Sources.files(module)) {
        String name = file.getFileName().toString().replace(".java", "");
        if (!name.endsWith("-info") && !names.add(name)) {
          twins.add(module.getName(1) + ": " + name);
        }
      }
    }
    assertThat(twins).isEmpty();
  }

  @Test
  @DisplayName("13. no floor of the machinery knows a higher one")
  void arrowsLeadDown() {
    List<String> upwards =
        CORE.stream()
            .filter(type -> type.getPackageName().startsWith(INTERNAL))
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .filter(arrow -> floor(arrow.getTargetClass()) < floor(arrow.getOriginClass()))
            .map(Dependency::getDescription)
            .toList();
    assertThat(upwards).isEmpty();
  }

  /** The place among the floors; behind all of them for what is not part of the machinery. */
  private static int floor(JavaClass type) {
    JavaClass own = type.getBaseComponentType();
    if (!own.getPackageName().startsWith(INTERNAL)) {
      return FLOORS.size();
    }
    int floor = FLOORS.indexOf(own.getPackageName().substring(INTERNAL.length()));
    assertThat(floor).as(own.getPackageName()).isNotNegative();
    return floor;
  }
}
