package dev.durable.maven;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DatabaseUrlsTest {

  @Test
  void aCommaBetweenHostsDoesNotDivideAUrl() {
    assertThat(
            DatabaseUrls.of(
                "jdbc:postgresql://a,b/one, jdbc:postgresql://c/two",
                List.of("jdbc:postgresql://c/two", "jdbc:postgresql://d/three")))
        .containsExactly(
            "jdbc:postgresql://a,b/one", "jdbc:postgresql://c/two", "jdbc:postgresql://d/three");
  }
}
