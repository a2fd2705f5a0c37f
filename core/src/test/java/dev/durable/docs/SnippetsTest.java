package dev.durable.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every Java snippet in the documentation stands, line by line, in {@link GuideTest}, which is
 * compiled and run.
 */
class SnippetsTest {

  private static final Path ROOT = Path.of("..");
  private static final Path GUIDE = Path.of("src/test/java/dev/durable/docs/GuideTest.java");

  @TestFactory
  Stream<DynamicTest> everySnippetIsCompiledAndRun() throws IOException {
    List<String> guide = trimmed(Files.readAllLines(GUIDE));
    return pages().stream()
        .flatMap(page -> snippets(page).stream().map(snippet -> test(page, snippet, guide)));
  }

  private static DynamicTest test(Path page, List<String> snippet, List<String> guide) {
    String name = page.getFileName() + ": " + snippet.get(0);
    return DynamicTest.dynamicTest(name, () -> assertThat(guide).containsSubsequence(snippet));
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  private static List<List<String>> snippets(Path page) {
    List<List<String>> snippets = new ArrayList<>();
    List<String> current = null;
    for (String line : read(page)) {
      if (line.startsWith("```java")) {
        current = new ArrayList<>();
      } else if (line.startsWith("```") && current != null) {
        snippets.add(trimmed(current));
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
