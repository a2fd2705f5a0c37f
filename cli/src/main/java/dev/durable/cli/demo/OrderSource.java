package dev.durable.cli.demo;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.examples.order.OrderFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Orders and the file that they came from.
 *
 * @param name the file's name, for messages
 * @param file its content
 */
record OrderSource(String name, OrderFile file) {

  private static final Path BUNDLED = Path.of("examples", "orders.json");

  /** Reads the given file, or the one that comes with the demo. */
  static OrderSource read(@Nullable Path given) {
    Path path = given == null ? BUNDLED : given;
    try (InputStream in = open(path, given == null)) {
      OrderFile file = OrderFile.read(in);
      return new OrderSource(path.toString(), file);
    } catch (IOException unreadable) {
      String why =
          !Files.exists(path)
              ? "it does not exist"
              : Files.isDirectory(path)
                  ? "it is a folder"
                  : String.valueOf(unreadable.getMessage());
      throw new CommandFailedException(
          ExitCodes.USAGE,
          "cannot read " + path + ": " + why + ". Give a JSON file of orders with --file.");
    }
  }

  /** Fails if there is no order at all. */
  void requireOrders() {
    if (file.orders().isEmpty()) {
      throw new CommandFailedException(
          ExitCodes.USAGE, name + " has no order that can be processed.");
    }
  }

  private static InputStream open(Path path, boolean bundled) throws IOException {
    if (!bundled || Files.isRegularFile(path)) {
      return Files.newInputStream(path);
    }
    InputStream in = OrderFile.class.getResourceAsStream("orders.json");
    if (in == null) {
      throw new FileNotFoundException(path.toString());
    }
    return in;
  }
}
