package dev.durable.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The outside world: a process of its own that notes in a file, and then acknowledges, each effect
 * with its idempotency key and attempt. PostgreSQL knows nothing of it.
 */
final class EffectLog {

  private EffectLog() {}

  /** Writes its port to {@code <file>.port} and serves until it is killed: file. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    Files.createFile(file);
    try (ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress())) {
      Path written = Path.of(args[0] + ".tmp");
      Files.writeString(written, Integer.toString(server.getLocalPort()));
      Files.move(written, portFile(file));
      while (true) {
        Socket caller = server.accept();
        Thread.ofVirtual().start(() -> serve(caller, file));
      }
    }
  }

  /** Where its port will be. */
  static Path portFile(Path file) {
    return Path.of(file + ".port");
  }

  /** Tells it of an effect; returns when it is in the file. */
  static void tell(int port, String key, int attempt) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write((key + " " + attempt + "\n").getBytes(StandardCharsets.UTF_8));
      if (socket.getInputStream().read() != '+') {
        throw new IOException("the effect log did not acknowledge");
      }
    }
  }

  /** How often each key was told. */
  static Map<String, Long> read(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .collect(
            Collectors.groupingBy(
                line -> line.substring(0, line.indexOf(" ")), Collectors.counting()));
  }

  private static void serve(Socket caller, Path file) {
    try (caller;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(caller.getInputStream(), StandardCharsets.UTF_8))) {
      String line = in.readLine();
      if (line != null) {
        Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
        caller.getOutputStream().write('+');
      }
    } catch (IOException killed) {
      throw new UncheckedIOException(killed);
    }
  }
}
