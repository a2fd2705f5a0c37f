package dev.durable.benchmarks.driver;

import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The input and the result of steps: about 300 bytes of JSON, or another size.
 *
 * @param order the number of the execution
 * @param step the number of steps that it has passed
 * @param customer some text
 * @param address some text
 * @param note some text
 */
public record Payload(int order, int step, String customer, String address, String note) {

  private static final String CUSTOMER = "Ada Lovelace <ada@analytical-engine.example>";
  private static final String ADDRESS = "12 St. James's Square, London SW1Y 4LE, United Kingdom";
  private static final String NOTE =
      "Leave it with the neighbour if the door stays shut; \"fragile\" is written on the box for a"
          + " reason, and the bell has to be pressed twice.";
  private static final int BESIDES_NOTE = 160;
  private static final Map<Integer, String> NOTES = new ConcurrentHashMap<>(Map.of(0, NOTE));
  private static final Map<Integer, String> TAILS = new ConcurrentHashMap<>();

  public static Payload of(int order, int bytes) {
    return new Payload(order, 0, CUSTOMER, ADDRESS, note(bytes));
  }

  public Payload next() {
    return new Payload(order, step + 1, customer, address, note);
  }

  /** The same JSON as Jackson's, without Jackson. */
  public static String json(int order, int step, int bytes) {
    return "{\"order\":" + order + ",\"step\":" + step + tail(bytes);
  }

  private static String tail(int bytes) {
    return TAILS.computeIfAbsent(
        bytes,
        size ->
            ",\"customer\":\""
                + CUSTOMER
                + "\",\"address\":\""
                + ADDRESS
                + "\",\"note\":\""
                + note(size).replace("\"", "\\\"")
                + "\"}");
  }

  /** Random letters, so that PostgreSQL cannot compress them. */
  private static String note(int bytes) {
    return NOTES.computeIfAbsent(
        bytes,
        size ->
            new Random(size)
                .ints(Math.max(0, size - BESIDES_NOTE), 0, 62)
                .mapToObj(Payload::letter)
                .collect(StringBuilder::new, StringBuilder::append, (a, b) -> a.append(b))
                .toString());
  }

  private static String letter(int number) {
    return String.valueOf(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".charAt(number));
  }
}
