package dev.durable.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page of the public types says what the sources say. */
@Tag("newest")
class ApiPageTest {

  private static final Path REPOSITORY = Path.of("..");

  @Test
  @DisplayName("docs/api.md lists every public type as the sources have it")
  void thePageIsNotStale() throws IOException {
    assertThat(Files.readString(REPOSITORY.resolve("docs/api.md")))
        .as("docs/api.md is stale: run %s to write it anew", ApiPage.COMMAND)
        .isEqualTo(ApiPage.text(REPOSITORY));
  }

  @Test
  @DisplayName("Every public type says in its Javadoc what it is")
  void everyTypeHasASentence() throws IOException {
    assertThat(ApiPage.text(REPOSITORY).lines()).noneMatch(line -> line.contains("` |  |"));
  }
}
