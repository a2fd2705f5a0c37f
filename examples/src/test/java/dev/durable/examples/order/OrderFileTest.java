package dev.durable.examples.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrderFileTest {

  @Test
  void readsTheOrdersThatComeWithTheDemo() throws IOException {
    try (InputStream in = OrderFile.class.getResourceAsStream("orders.json")) {
      OrderFile file = OrderFile.read(in);

      assertThat(file.problems()).isEmpty();
      assertThat(file.orders()).hasSize(300);
      assertThat(file.orders().get(0).id()).isEqualTo("ORD-1001");
    }
  }

  @Test
  void aMissingFieldIsReportedWithTheLineOfItsOrder() throws IOException {
    OrderFile file = read("[", order("A"), ",", order("B").replace("\"card\":\"tok\",", ""), "]");

    assertThat(ids(file)).containsExactly("A");
    assertThat(file.problems())
        .containsExactly(new OrderFile.Problem(4, "the order has no \"card\". Add it."));
  }

  @Test
  void aNullIsMissing() throws IOException {
    OrderFile file = read("[", order("A").replace("\"DE\"", "null"), "]");

    assertThat(file.problems())
        .containsExactly(new OrderFile.Problem(2, "the order has no \"shipTo.country\". Add it."));
  }

  @Test
  void aWrongTypeIsReportedWithItsOwnLine() throws IOException {
    String order = order("A").replace("\"quantity\":1", "\n\"quantity\":\"two\"");
    OrderFile file = read("[", order, ",", order("B"), "]");

    assertThat(ids(file)).containsExactly("B");
    assertThat(file.problems())
        .containsExactly(
            new OrderFile.Problem(3, "\"items[0].quantity\" must be a whole number. Correct it."));
  }

  @Test
  void anUnknownFieldIsReportedTogetherWithTheKnownOnes() throws IOException {
    OrderFile file =
        read("[", order("A").replace("\"quantity\":1", "\"quantity\":1,\"qty\":2"), "]");

    assertThat(file.problems()).hasSize(1);
    assertThat(file.problems().get(0).message())
        .contains("unknown field \"items[0].qty\"", "quantity, sku, unitPriceCents");
  }

  @Test
  void aNumberOutOfRangeLeavesOutItsOrderOnly() throws IOException {
    OrderFile file =
        read("[", order("A").replace(":100", ":99999999999999999999"), ",", order("B"), "]");

    assertThat(ids(file)).containsExactly("B");
    assertThat(file.problems())
        .containsExactly(new OrderFile.Problem(2, "a number is out of range. Correct it."));
  }

  @Test
  void anIdIsTakenOnce() throws IOException {
    OrderFile file = read("[", order("A"), ",", order("A"), ",", order(" "), "]");

    assertThat(ids(file)).containsExactly("A");
    assertThat(file.problems())
        .containsExactly(
            new OrderFile.Problem(
                4, "order A is there twice, first in line 2. Give one of them another \"id\"."),
            new OrderFile.Problem(6, "the order has a blank \"id\". Give it one of its own."));
  }

  @Test
  void whatIsNoOrderIsLeftOut() throws IOException {
    OrderFile file = read("[", "null,", "17,", "[1, [2]],", "\"A\",", order("B"), "]");

    assertThat(ids(file)).containsExactly("B");
    assertThat(file.problems()).extracting(OrderFile.Problem::line).containsExactly(2, 3, 4, 5);
  }

  @Test
  void ordersBeforeASyntaxErrorAreKept() throws IOException {
    OrderFile file = read("[", order("A"), ",", "{\"id\": oops}", ",", order("B"), "]");

    assertThat(ids(file)).containsExactly("A");
    assertThat(file.problems()).hasSize(1);
    assertThat(file.problems().get(0).line()).isEqualTo(4);
    assertThat(file.problems().get(0).message()).startsWith("not JSON: Unrecognized token 'oops'");
  }

  @Test
  void aFileThatEndsTooEarlyIsReported() throws IOException {
    OrderFile file = read("[", order("A"));

    assertThat(ids(file)).containsExactly("A");
    assertThat(file.problems().get(0).message()).startsWith("not JSON: Unexpected end-of-input");
  }

  @Test
  void anEmptyFileOrAnObjectIsNoListOfOrders() throws IOException {
    assertThat(read("").problems().get(0).message()).startsWith("not a list of orders");
    assertThat(read(order("A")).problems().get(0).message()).startsWith("not a list of orders");
  }

  private static OrderFile read(String... lines) throws IOException {
    byte[] bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    return OrderFile.read(new ByteArrayInputStream(bytes));
  }

  private static List<String> ids(OrderFile file) {
    return file.orders().stream().map(Order::id).toList();
  }

  private static String order(String id) {
    return """
        {"id":"%s","customer":{"name":"n","email":"e"},\
        "shipTo":{"street":"s","postalCode":"p","city":"c","country":"DE"},"currency":"EUR",\
        "card":"tok","items":[{"sku":"s","name":"n","quantity":1,"unitPriceCents":100}],\
        "tags":[]}"""
        .formatted(id);
  }
}
