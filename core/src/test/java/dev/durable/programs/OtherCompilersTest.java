package dev.durable.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The likeliest programs, right and wrong, as other compilers than javac see them. */
@DisplayName("Programs against the API")
@Tag("compilers")
class OtherCompilersTest {

  @Nested
  @DisplayName("in Java, with Eclipse's compiler")
  class Eclipse extends Programming {

    Eclipse() {
      super(OtherCompiler.ECLIPSE, 32);
    }
  }

  @Nested
  @DisplayName("in Kotlin 2")
  class Kotlin extends Programming {

    Kotlin() {
      super(OtherCompiler.KOTLIN, 20);
    }
  }

  @Nested
  @DisplayName("in Scala 3")
  class Scala extends Programming {

    Scala() {
      super(OtherCompiler.SCALA, 15);
    }
  }

  abstract static class Programming {

    private static final String GOOD = "good";

    private final OtherCompiler compiler;
    private final int wrong;
    @TempDir private Path folder;

    /**
     * @param wrong how many wrong programs there are
     */
    Programming(OtherCompiler compiler, int wrong) {
      this.compiler = compiler;
      this.wrong = wrong;
    }

    @Test
    @DisplayName("The good ones compile")
    void good() throws Exception {
      assertThat(compiler.errors(folder, Map.of(GOOD, compiler.good()))).isEmpty();
      try (Stream<Path> files = Files.walk(folder)) {
        assertThat(files)
            .anyMatch(file -> file.endsWith("Order.class") || file.endsWith("T$Order.class"));
      }
    }

    @TestFactory
    @DisplayName("The wrong ones do not compile, and the compiler says why")
    Stream<DynamicTest> wrong() throws Exception {
      List<Program> programs = compiler.wrong();
      assertThat(programs).hasSize(wrong);
      Map<String, String> sources = new TreeMap<>(Map.of(GOOD, compiler.good()));
      for (int i = 0; i < wrong; i++) {
        sources.put("wrong" + i, compiler.source(programs.get(i), "wrong" + i));
      }
      Map<String, String> errors = compiler.errors(folder, sources);
      assertThat(errors).doesNotContainKey(GOOD);
      return IntStream.range(0, wrong)
          .mapToObj(
              i ->
                  dynamicTest(
                      programs.get(i).title(),
                      () ->
                          assertThat(errors.get("wrong" + i))
                              .as(() -> errors.toString())
                              .contains(programs.get(i).cause())));
    }
  }
}
