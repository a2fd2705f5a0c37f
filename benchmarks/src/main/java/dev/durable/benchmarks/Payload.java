package dev.durable.benchmarks;

/**
 * What steps get and return: about 300 bytes of JSON.
 *
 * @param order the number of the execution
 * @param step how many steps it has passed
 * @param customer some text
 * @param address some text
 * @param note some text
 */
record Payload(int order, int step, String customer, String address, String note) {

  private static final String CUSTOMER = "Ada Lovelace <ada@analytical-engine.example>";
  private static final String ADDRESS = "12 St. James's Square, London SW1Y 4LE, United Kingdom";
  private static final String NOTE =
      "Leave it with the neighbour if nobody answers; \"fragile\" is written on the box for a"
          + " reason, and the bell has to be pressed twice.";

  static Payload of(int order) {
    return new Payload(order, 0, CUSTOMER, ADDRESS, NOTE);
  }

  Payload next() {
    return new Payload(order, step + 1, customer, address, note);
  }

  /** The same JSON as Jackson's, without Jackson. */
  static String json(int order, int step) {
    return "{\"order\":" + order + ",\"step\":" + step + TAIL;
  }

  private static final String TAIL =
      ",\"customer\":\""
          + CUSTOMER
          + "\",\"address\":\""
          + ADDRESS
          + "\",\"note\":\""
          + NOTE.replace("\"", "\\\"")
          + "\"}";
}
