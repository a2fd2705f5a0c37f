package dev.durable.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The likeliest programs, right and wrong, as javac sees them. */
@DisplayName("Programs against the API")
@Tag("newest")
class ProgramsTest {

  /** The first lines of a message, which must name the cause. */
  private static final int READ = 15;

  @Test
  @DisplayName("The good ones compile, all of them in one class")
  void good() {
    List<Program> programs = Programs.good();
    assertThat(programs).hasSizeGreaterThanOrEqualTo(30);
    assertThat(Compiler.messages("T", Programs.source(programs))).isEmpty();
  }

  @TestFactory
  @DisplayName("The wrong ones do not compile, and the first lines of javac name the cause")
  Stream<DynamicTest> wrong() {
    List<Program> programs = Programs.wrong();
    assertThat(programs).hasSize(32);
    return programs.stream()
        .map(
            program ->
                dynamicTest(
                    program.title(),
                    () -> {
                      String printed = Compiler.messages("T", Programs.source(List.of(program)));
                      String read = printed.lines().limit(READ).collect(Collectors.joining("\n"));
                      assertThat(read).as(printed).contains(program.cause());
                    }));
  }
}
