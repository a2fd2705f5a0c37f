package dev.durable.docs;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.durable.Durable;
import dev.durable.json.JsonCodec;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** The snippets of docs/values.md, which {@link SnippetsTest} keeps equal to these lines. */
@ExtendWith(DatabaseExtension.class)
class ValuesGuideTest {

  private final TestDatabase db;

  ValuesGuideTest(TestDatabase db) {
    this.db = db;
  }

  record Item(String article, int pieces) {}

  private static final Workflow<List<Item>, Integer> COUNT =
      Workflow.define("count", new TypeRef<List<Item>>() {})
          .step("sum", Integer.class, items -> items.stream().mapToInt(Item::pieces).sum())
          .build();

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = ByCard.class, name = "card"),
    @JsonSubTypes.Type(value = ByInvoice.class, name = "invoice")
  })
  sealed interface Payment permits ByCard, ByInvoice {}

  record ByCard(String token) implements Payment {}

  record ByInvoice(String address) implements Payment {}

  record Order(String id, @Nullable String note) {
    Order {
      note = note == null ? "" : note;
    }
  }

  record Renamed(@JsonAlias("old") String renamed) {}

  /** A cipher that is none. */
  private static final class Vault {
    byte[] encrypt(byte[] plain) {
      byte[] secret = plain.clone();
      for (int i = 0; i < secret.length; i++) {
        secret[i] ^= 0x5a;
      }
      return secret;
    }

    byte[] decrypt(byte[] secret) {
      return encrypt(secret);
    }
  }

  record Encrypted(JsonCodec plain, Vault vault) implements JsonCodec {
    @Override
    public String encode(@Nullable Object value) {
      byte[] secret = vault.encrypt(plain.encode(value).getBytes(StandardCharsets.UTF_8));
      return '"' + Base64.getEncoder().encodeToString(secret) + '"';
    }

    @Override
    public <T> @Nullable T decode(String json, TypeRef<T> type) {
      byte[] secret = Base64.getDecoder().decode(json.substring(1, json.length() - 1));
      return plain.decode(new String(vault.decrypt(secret), StandardCharsets.UTF_8), type);
    }

    @Override
    public void check(TypeRef<?> type) {
      plain.check(type);
    }
  }

  @Test
  void listsAndSealedTypes() {
    Workflow<Payment, String> pay =
        Workflow.define("pay", Payment.class)
            .sleep("nap", Duration.ofMillis(1))
            .step("pay", String.class, payment -> payment.toString())
            .build();
    try (Durable durable = db.start(COUNT, pay)) {
      assertThat(durable.start(COUNT, List.of(new Item("a", 2), new Item("b", 3))).result(SOON))
          .isEqualTo(5);
      assertThat(durable.start(pay, new ByCard("tok")).result(SOON)).isEqualTo("ByCard[token=tok]");
    }
  }

  @Test
  void codecs() {
    JsonMapper mapper =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    try (Durable durable =
        Durable.on(db.dataSource())
            .codec(JsonCodec.jackson(mapper))
            .register(COUNT)
            .startWorker()) {
      assertThat(durable.start("count", "[{\"article\":\"a\",\"pieces\":2}]").result(SOON))
          .isEqualTo("2");
    }
    Vault vault = new Vault();
    try (Durable durable =
        Durable.on(db.dataSource())
            .codec(new Encrypted(JsonCodec.jackson(), vault))
            .register(COUNT)
            .startWorker()) {
      assertThat(durable.start(COUNT, List.of(new Item("a", 2))).result(SOON)).isEqualTo(2);
    }
  }

  @Test
  void evolvingRecords() {
    JsonCodec codec = JsonCodec.jackson();
    assertThat(codec.decode("{\"id\":\"1\",\"note\":null}", TypeRef.of(Order.class)))
        .isEqualTo(new Order("1", ""));
    JsonCodec own = JsonCodec.jackson(JsonMapper.builder().build());
    assertThat(own.decode("{\"id\":\"1\"}", TypeRef.of(Order.class))).isEqualTo(new Order("1", ""));
    assertThat(codec.decode("{\"old\":\"1\"}", TypeRef.of(Renamed.class)))
        .isEqualTo(new Renamed("1"));
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> codec.decode("{\"id\":\"1\"}", TypeRef.of(Order.class)))
        .isInstanceOf(JsonException.class);
  }
}
