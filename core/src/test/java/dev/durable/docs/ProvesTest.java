package dev.durable.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ids in {@code @Proves} stand for promises that a page lists. */
@Tag("newest")
class ProvesTest {

  private static final Path TESTS = Path.of("src/test/java");
  private static final Pattern PROVES = Pattern.compile("@Proves\\(([^)]*)\\)");
  private static final Pattern TEXT = Pattern.compile("\"([^\"]*)\"");
  private static final Pattern ID = Pattern.compile("\\b(?:R-\\d{3}|B-\\d{2}|G\\d{1,2})\\b");
  private static final Pattern RANGE = Pattern.compile("([RB]-|G)(\\d+) to [RB]?-?G?(\\d+)");
  private static final Pattern FINDING = Pattern.compile("F\\d{1,2}(\\.\\d{1,2})?|D\\d|issue \\d+");

  @Test
  @Proves("F13.10")
  @DisplayName(
      "Every id in @Proves stands in the pages, or is that of a finding, a decision or an issue")
  void everyIdIsListed() throws IOException {
    Set<String> listed = new TreeSet<>();
    for (String page : List.of("docs/behaviours.md", "docs/guarantees.md")) {
      listed.addAll(idsOf(Files.readString(References.ROOT.resolve(page))));
    }
    Set<String> unknown = new TreeSet<>();
    for (String promise : proved()) {
      Set<String> ids = idsOf(promise);
      if (ids.isEmpty() && !FINDING.matcher(promise).matches()) {
        unknown.add(promise);
      }
      ids.stream().filter(id -> !listed.contains(id)).forEach(unknown::add);
    }
    assertThat(listed).contains("G1", "R-006", "B-42");
    assertThat(unknown).isEmpty();
  }

  @Test
  @DisplayName("Display names read as English: ids stand in @Proves")
  void noIdsInDisplayNames() throws IOException {
    Pattern inName =
        Pattern.compile("@DisplayName\\(\\s*\"(?:" + ID + "|" + FINDING + ")\\b[^\"]*");
    List<String> found = new ArrayList<>();
    for (String source : sources()) {
      for (Matcher name = inName.matcher(source); name.find(); ) {
        found.add(name.group());
      }
    }
    assertThat(found).isEmpty();
  }

  /** The ids in a text, with all that its ranges stand for. */
  private static Set<String> idsOf(String text) {
    Set<String> ids = new TreeSet<>();
    for (Matcher id = ID.matcher(text); id.find(); ) {
      ids.add(id.group());
    }
    for (Matcher range = RANGE.matcher(text); range.find(); ) {
      int width = range.group(2).length();
      for (int n = Integer.parseInt(range.group(2)); n <= Integer.parseInt(range.group(3)); n++) {
        ids.add(range.group(1) + "0".repeat(width - Integer.toString(n).length()) + n);
      }
    }
    return ids;
  }

  private static List<String> proved() throws IOException {
    List<String> proved = new ArrayList<>();
    for (String source : sources()) {
      for (Matcher proves = PROVES.matcher(source); proves.find(); ) {
        TEXT.matcher(proves.group(1)).results().forEach(id -> proved.add(id.group(1)));
      }
    }
    assertThat(proved).hasSizeGreaterThan(400);
    return proved;
  }

  private static List<String> sources() throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(TESTS)) {
      for (Path file : files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
        sources.add(Files.readString(file));
      }
    }
    return sources;
  }
}
