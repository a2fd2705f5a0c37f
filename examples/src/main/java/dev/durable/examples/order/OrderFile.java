package dev.durable.examples.order;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads orders from JSON: an array of objects with the fields of {@link Order}. An order that does
 * not fit is left out and reported with its line; the others are read all the same.
 *
 * @param orders the good ones, in the order of the file
 * @param problems the reports about the rest
 */
public record OrderFile(List<Order> orders, List<Problem> problems) {

  private static final ObjectReader READER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build()
          .readerFor(Order.class);

  /** Copies the lists. */
  public OrderFile {
    orders = List.copyOf(orders);
    problems = List.copyOf(problems);
  }

  /**
   * A problem in the file.
   *
   * @param line the line, from 1
   * @param message the problem and its remedy
   */
  public record Problem(int line, String message) {}

  /**
   * Reads all orders.
   *
   * @throws IOException if the stream cannot be read
   */
  public static OrderFile read(InputStream in) throws IOException {
    Reading reading = new Reading();
    try (JsonParser parser = READER.createParser(in)) {
      reading.all(parser);
    } catch (StreamReadException malformed) {
      reading.problem(
          malformed.getLocation().getLineNr(),
          "not JSON: "
              + OrderProblems.firstSentence(malformed.getOriginalMessage())
              + ". Correct it; nothing after it was read.");
    } catch (JacksonException unreadable) {
      throw new IOException(unreadable.getOriginalMessage(), unreadable);
    }
    return new OrderFile(reading.orders, reading.problems);
  }

  private static final class Reading {

    final List<Order> orders = new ArrayList<>();
    final List<Problem> problems = new ArrayList<>();
    private final Map<String, Integer> lineOfId = new HashMap<>();

    void all(JsonParser parser) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        problem(1, "not a list of orders. Put them into [ … ], separated by commas.");
        return;
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        one(parser);
      }
    }

    private void one(JsonParser parser) {
      TokenStreamLocation begin = parser.currentTokenLocation();
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        parser.skipChildren();
        problem(begin.getLineNr(), "not an order. Put an object { … } here, or nothing.");
        return;
      }
      try {
        Order order = READER.readValue(parser);
        add(order, begin.getLineNr());
      } catch (DatabindException misfit) {
        problem(OrderProblems.line(misfit, begin), OrderProblems.message(misfit));
        skipRest(parser);
      } catch (InputCoercionException outOfRange) {
        problem(outOfRange.getLocation().getLineNr(), "a number is out of range. Correct it.");
        skipRest(parser);
      }
    }

    private static void skipRest(JsonParser parser) {
      while (parser.streamReadContext().getNestingDepth() > 1) {
        parser.nextToken();
      }
    }

    private void add(Order order, int line) {
      Integer earlier = order.id().isBlank() ? null : lineOfId.putIfAbsent(order.id(), line);
      if (order.id().isBlank()) {
        problem(line, "the order has a blank \"id\". Give it one of its own.");
      } else if (earlier != null) {
        problem(
            line,
            "order "
                + order.id()
                + " is there twice, first in line "
                + earlier
                + ". Give one of them another \"id\".");
      } else {
        orders.add(order);
      }
    }

    void problem(int line, String message) {
      problems.add(new Problem(line, message));
    }
  }
}
