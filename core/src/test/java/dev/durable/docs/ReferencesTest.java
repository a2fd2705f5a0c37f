package dev.durable.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The tests, files, types and pages that a page names exist. */
@Tag("newest")
class ReferencesTest {

  @TestFactory
  @Proves("F13.10")
  @DisplayName("Every link, file, test class and test method that a page names exists")
  Stream<DynamicTest> everythingNamedExists() throws IOException {
    References references = new References();
    return References.pages().stream()
        .map(
            page ->
                DynamicTest.dynamicTest(
                    page.getFileName().toString(),
                    () -> assertThat(references.missing(page)).isEmpty()));
  }

  @Test
  @Proves("F13.10")
  @DisplayName("Every page that a comment of the code names exists")
  void pagesInComments() throws IOException {
    assertThat(new References().missingInComments()).isEmpty();
  }

  @Test
  @Proves("F13.10")
  @DisplayName("Missing things are found")
  void whatIsMissingIsFound(@TempDir Path folder) throws IOException {
    Path page =
        Files.writeString(
            folder.resolve("page.md"),
            """
            # A page
            [a](nowhere.md) [b](page.md#not-there) [c](#a-page) `NoSuchTest` `SnippetsTest.noSuchMethod`
            `ReferencesTest.whatIsMissingIsFound` `docs/nowhere.md` `docs/values.md`
            """);
    assertThat(new References().missing(page))
        .containsExactly(
            "link nowhere.md",
            "link page.md#not-there",
            "test NoSuchTest",
            "test SnippetsTest.noSuchMethod",
            "file docs/nowhere.md");
  }

  @Test
  @DisplayName("A type that a map of the code names must exist; other pages may name anything")
  void typesOnMaps(@TempDir Path folder) throws IOException {
    String text = "`Durable` `NoSuchType` `ReentrantLock` `Durable.start` `Durable.noSuchMethod`";
    Path map = Files.writeString(folder.resolve("architecture.md"), text);
    Path page = Files.writeString(folder.resolve("page.md"), text);
    References references = new References();
    assertThat(references.missing(map))
        .containsExactly("type NoSuchType", "member Durable.noSuchMethod");
    assertThat(references.missing(page)).isEmpty();
  }
}
