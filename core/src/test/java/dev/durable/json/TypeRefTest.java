package dev.durable.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TypeRefTest {

  @Test
  void namesWhatAClassCannot() {
    TypeRef<Map<String, List<Integer>>> type = new TypeRef<>() {};
    assertThat(type)
        .hasToString("java.util.Map<java.lang.String, java.util.List<java.lang.Integer>>");
  }

  @Test
  void isEqualToAnotherOfTheSameType() {
    assertThat(new TypeRef<List<String>>() {})
        .isEqualTo(new TypeRef<List<String>>() {})
        .hasSameHashCodeAs(new TypeRef<List<String>>() {})
        .isNotEqualTo(new TypeRef<List<Integer>>() {});
    assertThat(new TypeRef<String>() {}).isEqualTo(TypeRef.of(String.class));
  }

  @Test
  void knowsVoid() {
    assertThat(TypeRef.of(Void.class).isVoid()).isTrue();
    assertThat(TypeRef.of(String.class).isVoid()).isFalse();
  }

  @Test
  @SuppressWarnings("rawtypes")
  void aRawOneIsRefusedWithTheRemedy() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TypeRef() {})
        .withMessageContaining("new TypeRef<List<Item>>() {}");
  }
}
