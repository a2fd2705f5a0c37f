package dev.durable.torture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A bad network, on the loopback, between the engine and PostgreSQL. */
final class TcpProxy implements AutoCloseable {

  /** What happens to a connection once the server has done what it was asked to do. */
  enum Fate {
    /** The client gets a reset instead of the answer. */
    RESET,
    /** The client gets nothing, for ever. */
    SILENCE
  }

  /** Waits for a message of the client that contains the text; it strikes once. */
  static final class Trap {
    private final byte[] text;
    private final Fate fate;
    private final CountDownLatch struck = new CountDownLatch(1);

    private Trap(String text, Fate fate) {
      this.text = text.getBytes(StandardCharsets.UTF_8);
      this.fate = fate;
    }

    /** Waits until it has struck. */
    void await() throws InterruptedException {
      struck.await();
    }
  }

  private final int target;
  private final ServerSocket server;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final Set<Trap> traps = ConcurrentHashMap.newKeySet();
  private volatile long delayMillis;

  private TcpProxy(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Forwards to a port of this host. */
  static TcpProxy to(int port) throws IOException {
    return new TcpProxy(port);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Resets all connections. New ones can be opened. */
  void cut() {
    links.forEach(Link::reset);
  }

  /** All connections stay open, and nothing gets through any more. New ones can be opened. */
  void silence() {
    links.forEach(link -> link.silent = true);
  }

  /** From now on each message takes so long, in both directions. */
  void delay(long millis) {
    delayMillis = millis;
  }

  /**
   * The next message of a client that contains the text reaches the server; when the server
   * answers, the connection meets its fate.
   */
  Trap trap(String text, Fate fate) {
    Trap set = new Trap(text, fate);
    traps.add(set);
    return set;
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Link link = new Link(server.accept(), new Socket(InetAddress.getLoopbackAddress(), target));
        links.add(link);
        Thread.ofVirtual().start(() -> link.pump(link.client, link.server, true));
        Thread.ofVirtual().start(() -> link.pump(link.server, link.client, false));
      } catch (IOException closed) {
        // The loop ends with the socket; a server that is away refuses, and so do we.
      }
    }
  }

  /** One connection of a client, and the one to the server that belongs to it. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private volatile @Nullable Trap sprung;
    private volatile boolean silent;

    Link(Socket client, Socket server) throws IOException {
      this.client = client;
      this.server = server;
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    }

    void pump(Socket from, Socket to, boolean toServer) {
      byte[] buffer = new byte[1 << 16];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (delayMillis > 0) {
            Thread.sleep(delayMillis);
          }
          boolean through = toServer ? ask(buffer, read) : answer();
          if (through) {
            out.write(buffer, 0, read);
          }
        }
      } catch (IOException | InterruptedException broken) {
        // The other side learns of it below.
      }
      if (!silent) {
        reset();
      }
    }

    private boolean ask(byte[] message, int length) {
      for (Trap set : List.copyOf(traps)) {
        if (contains(message, length, set.text) && traps.remove(set)) {
          sprung = set;
        }
      }
      return !silent;
    }

    private boolean answer() {
      Trap set = sprung;
      if (set != null) {
        if (set.fate == Fate.RESET) {
          reset();
        }
        silent = true;
        set.struck.countDown();
      }
      return !silent;
    }

    /** Both ends see a reset, not an orderly end. */
    void reset() {
      links.remove(this);
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.setSoLinger(true, 0);
          socket.close();
        } catch (IOException closed) {
          // It is closed.
        }
      }
    }
  }

  private static boolean contains(byte[] message, int length, byte[] text) {
    for (int at = 0; at <= length - text.length; at++) {
      if (Arrays.equals(message, at, at + text.length, text, 0, text.length)) {
        return true;
      }
    }
    return false;
  }
}
