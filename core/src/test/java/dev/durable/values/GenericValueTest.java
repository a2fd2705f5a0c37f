package dev.durable.values;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.json.JsonCodec;
import dev.durable.json.TypeRef;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(DatabaseExtension.class)
@Proves("F7.7")
@DisplayName("\"sealed types need a name in the JSON\" is written within lists and maps, too")
@Tag("newest")
class GenericValueTest {

  private final TestDatabase db;

  GenericValueTest(TestDatabase db) {
    this.db = db;
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Card.class, name = "card"),
    @JsonSubTypes.Type(value = Invoice.class, name = "invoice")
  })
  sealed interface Payment permits Card, Invoice {}

  record Card(String number) implements Payment {}

  record Invoice(int days) implements Payment {}

  record Both<T>(T first, List<T> others) {}

  private static final Card CARD = new Card("4");
  private static final Invoice INVOICE = new Invoice(30);

  static Stream<Arguments> values() {
    List<Named<JsonCodec>> codecs =
        List.of(
            Named.of("default", JsonCodec.jackson()),
            Named.of("own mapper", JsonCodec.jackson(JsonMapper.builder().build())));
    Map<TypeRef<?>, Object> values =
        Map.of(
            new TypeRef<List<Payment>>() {},
            List.of(CARD, INVOICE),
            new TypeRef<Map<String, Payment>>() {},
            Map.of("k", INVOICE),
            new TypeRef<Both<Payment>>() {},
            new Both<Payment>(CARD, List.of(INVOICE, CARD)),
            new TypeRef<Optional<Payment>>() {},
            Optional.of(CARD),
            new TypeRef<List<Both<Payment>>>() {},
            List.of(new Both<Payment>(CARD, List.of())),
            TypeRef.of(Payment.class),
            CARD);
    return codecs.stream()
        .flatMap(
            codec ->
                values.entrySet().stream()
                    .map(value -> Arguments.of(codec, value.getKey(), value.getValue())));
  }

  @ParameterizedTest
  @MethodSource("values")
  void travels(JsonCodec codec, TypeRef<Object> type, Object value) {
    Event<Object> event = Event.of("come", type);
    Workflow<Object, Object> workflow =
        Workflow.define("generic", type)
            .step("made", type, given -> given)
            .await("come", event, (made, come) -> come)
            .step("effect", type, (come, step) -> step.run("same", type, () -> come))
            .build();
    try (Durable durable =
        Durable.on(db.dataSource()).codec(codec).register(workflow).startWorker()) {
      ExecutionHandle<Object> handle = durable.start(workflow, value);
      durable.send(handle.id(), event, value);
      assertThat(handle.result(SOON)).isEqualTo(value);
    }
  }
}
