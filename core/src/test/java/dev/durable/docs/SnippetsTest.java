package dev.durable.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every Java snippet in the documentation stands, line by line, in one of the guides, which are
 * compiled and run; every Liquibase change in the change log of that module's tests.
 */
class SnippetsTest {

  private static final Path ROOT = Path.of("..");
  private static final String JAVA = "```java";
  private static final String CHANGE_LOG = "```xml changelog";
  private static final Map<String, List<Path>> GUIDES =
      Map.of(
          JAVA,
          List.of(
              Path.of("src/test/java/dev/durable/docs/GuideTest.java"),
              Path.of("src/test/java/dev/durable/docs/StepsGuideTest.java"),
              Path.of("src/test/java/dev/durable/docs/ControlFlowGuideTest.java"),
              Path.of("src/test/java/dev/durable/docs/WaitingGuideTest.java"),
              Path.of("src/test/java/dev/durable/docs/ValuesGuideTest.java"),
              Path.of("src/test/java/dev/durable/docs/QueueOperationsGuideTest.java"),
              Path.of("src/test/java/dev/durable/docs/QueuesGuideTest.java"),
              Path.of("src/test/java/dev/durable/docs/SchedulesGuideTest.java"),
              Path.of("src/test/java/dev/durable/docs/MigrationsGuideTest.java"),
              Path.of("src/test/java/dev/durable/binding/SpringTransactions.java"),
              Path.of("src/test/java/dev/durable/binding/SpringBindingTest.java"),
              ROOT.resolve("embedded/src/test/java/dev/durable/embedded/EmbeddedPostgresTest.java"),
              ROOT.resolve("testkit/src/test/java/dev/durable/testkit/TestingGuideTest.java"),
              ROOT.resolve("flyway/src/test/java/db/migration/V2__Add_durable.java"),
              ROOT.resolve("flyway/src/test/java/db/migration/V4__Upgrade_durable.java"),
              ROOT.resolve("flyway/src/test/java/dev/durable/flyway/SpringBootTest.java")),
          CHANGE_LOG,
          List.of(ROOT.resolve("liquibase/src/test/resources/db/changelog/application.xml")));

  @TestFactory
  Stream<DynamicTest> everySnippetIsCompiledAndRun() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      for (String language : GUIDES.keySet()) {
        snippets(page, language).forEach(snippet -> tests.add(test(page, snippet, language)));
      }
    }
    return tests.stream();
  }

  @TestFactory
  @Proves("F13.10")
  @DisplayName("Every snippet is whole: what it opens, it closes")
  Stream<DynamicTest> everySnippetIsWhole() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      for (List<String> snippet : snippets(page, JAVA)) {
        tests.add(
            DynamicTest.dynamicTest(
                page.getFileName() + ": " + snippet.get(0),
                () -> assertThat(open(String.join("\n", snippet))).isEmpty()));
      }
    }
    return tests.stream();
  }

  /** The brackets that a text leaves open, or closes without having opened them. */
  private static String open(String snippet) {
    String code = snippet.replaceAll("\"(\\\\.|[^\"\\\\])*\"", "").replaceAll("//.*", "");
    StringBuilder open = new StringBuilder();
    for (char c : code.replaceAll("[^(){}\\[\\]]", "").toCharArray()) {
      int last = open.length() - 1;
      if (last >= 0 && List.of("()", "{}", "[]").contains("" + open.charAt(last) + c)) {
        open.setLength(last);
      } else {
        open.append(c);
      }
    }
    return open.toString();
  }

  private static DynamicTest test(Path page, List<String> snippet, String language) {
    return DynamicTest.dynamicTest(
        page.getFileName() + ": " + snippet.get(0),
        () ->
            assertThat(GUIDES.get(language))
                .anySatisfy(
                    guide -> assertThat(trimmed(read(guide))).containsSubsequence(snippet)));
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  private static List<List<String>> snippets(Path page, String language) {
    List<List<String>> snippets = new ArrayList<>();
    List<String> current = null;
    for (String line : trimmed(read(page))) {
      if (line.equals(language)) {
        current = new ArrayList<>();
      } else if (line.startsWith("```") && current != null) {
        snippets.add(current);
        current = null;
      } else if (current != null) {
        current.add(line);
      }
    }
    return snippets;
  }

  private static List<String> read(Path page) {
    try {
      return Files.readAllLines(page);
    } catch (IOException unreadable) {
      throw new IllegalStateException(page.toString(), unreadable);
    }
  }

  private static List<String> trimmed(List<String> lines) {
    return lines.stream().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }
}
