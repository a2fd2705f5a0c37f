package dev.durable.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.internal.codec.StorableJson;
import dev.durable.json.JsonException;
import dev.durable.testing.Proves;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Proves({"F7.1", "F5.2"})
@DisplayName("Texts that PostgreSQL can store")
@Tag("newest")
class StorableTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\"plain\"",
        "\"\u00e9\u07ff\u0800\uffff\"",
        "\"\ud83d\ude80\"",
        "\"\ud83d\ude80\ud83d\ude80x\"",
        "\"\\ud83d\\ude80\"",
        "\"\\uD83D\\uDE80\\\\\"",
        "\"\\\\u0000\"",
        "\"\\\\\\\\ud800\"",
        "\"\\u0001\\n\\\"\"",
        "\"\\u0041\\u00e9\""
      })
  void length(String json) {
    assertThat(StorableJson.bytes("value", json))
        .isEqualTo(json.getBytes(StandardCharsets.UTF_8).length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\\u0000\"",
        "\"\\\\\\u0000\"",
        "\"\ud83d\"",
        "\"\ude80\"",
        "\"\ude80\ud83d\"",
        "\"\ud83d",
        "\"\\ud83d\"",
        "\"\\ude80\"",
        "\"\\ude80\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\ude80\"",
        "\"\ud83d" + "\\ude80\"",
        "\"\\ud83d\\\\ude80\"",
        "\"\\uD83D\\u0041\"",
        "\"\\u12",
        "\"\\u\"",
        "\"\\uzzzz\""
      })
  void refused(String json) {
    assertThatThrownBy(() -> StorableJson.bytes("answer to 'x'", json))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("answer to 'x'");
  }
}
