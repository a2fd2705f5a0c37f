package dev.durable.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.embedded.EmbeddedPostgresException.Reason;
import org.junit.jupiter.api.Test;

class FailuresTest {
  @Test
  void namesAFullDisk() {
    EmbeddedPostgresException failure =
        Failures.ofServer("It did not start", "FATAL: could not write: No space left on device");
    assertThat(failure.reason()).isEqualTo(Reason.NO_SPACE);
    assertThat(failure).hasMessageStartingWith("It did not start. The disk is full: make room");
  }

  @Test
  void namesAPortLostToAnother() {
    String output = "LOG: could not bind IPv4 address \"127.0.0.1\": Address already in use";
    assertThat(Failures.ofServer("x", output).reason()).isEqualTo(Reason.PORT_TAKEN);
  }

  @Test
  void showsTheEndOfLongOutput() {
    assertThat(Failures.ofServer("x", "a".repeat(9_000) + "the end").getMessage())
        .hasSizeLessThan(2_500)
        .endsWith("the end");
  }
}
