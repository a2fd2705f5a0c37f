package dev.durable.internal.store.jdbc;

import dev.durable.internal.service.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends hints after the commit, on a thread and a connection of its own: a transaction that
 * notifies waits for all others of the server that do, and fails when the server's queue of
 * notifications is full. Hints that arrive while one such transaction runs go with the next. Hints
 * that cannot be sent are dropped: losing a hint only loses time.
 *
 * <p>Thread and connection exist only while there are hints to send.
 */
public final class HintThread implements HintSender, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HintThread.class);

  /** With the longest names of queues, some megabytes. */
  private static final int MOST_WAITING = 10_000;

  private static final int MOST_TOGETHER = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long KEEP_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long COMPLAIN_NANOS = Duration.ofSeconds(10).toNanos();
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final Database database;
  private final Schema schema;
  private final String name;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<String> waiting = new LinkedHashSet<>();
  private @Nullable Thread thread;
  private boolean closed;
  private long quietUntil = System.nanoTime();

  /**
   * @param database where workers listen
   * @param schema whose channel it is
   * @param name of the thread
   */
  public HintThread(Database database, Schema schema, String name) {
    this.database = database.telling(SILENT);
    this.schema = schema;
    this.name = name;
  }

  /** Never waits, and never fails. */
  @Override
  public void send(Collection<String> hints) {
    if (hints.isEmpty()) {
      return;
    }
    try {
      List<String> fitting = HintStatement.fitting(hints);
      lock.lock();
      try {
        add(fitting);
      } finally {
        lock.unlock();
      }
    } catch (Throwable lost) {
      complain(lost);
    }
  }

  private void add(List<String> hints) {
    for (String hint : hints) {
      if (waiting.size() < MOST_WAITING) {
        waiting.add(hint);
      }
    }
    if (thread == null && !closed) {
      Thread starting = Threads.daemon(name, this::run);
      starting.start();
      thread = starting;
    }
    changed.signalAll();
  }

  private void run() {
    try (KeptConnection kept = KeptConnection.forgetful(database, PATIENCE)) {
      List<String> hints = next();
      while (!hints.isEmpty()) {
        try {
          send(kept, hints);
        } catch (Throwable failure) {
          complain(failure);
          pause();
        }
        hints = next();
      }
    } catch (Throwable failure) {
      complain(failure);
    } finally {
      ended();
    }
  }

  private void send(KeptConnection kept, List<String> hints) {
    HintStatement.notify(schema, hints).execute(kept, "send hints to workers");
  }

  /** Waits for hints; empty when none have come for a while. */
  private List<String> next() {
    lock.lock();
    try {
      long left = KEEP_NANOS;
      while (waiting.isEmpty() && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      List<String> next = new ArrayList<>();
      for (Iterator<String> each = waiting.iterator();
          each.hasNext() && next.size() < MOST_TOGETHER; ) {
        next.add(each.next());
        each.remove();
      }
      if (next.isEmpty()) {
        // The next hint starts another thread.
        thread = null;
      }
      return next;
    } catch (InterruptedException stop) {
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  private void ended() {
    lock.lock();
    try {
      if (thread == Thread.currentThread()) {
        thread = null;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A sender that is closed does not wait for an unreachable database. */
  private void pause() {
    lock.lock();
    try {
      long left = PAUSE_NANOS;
      while (!closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (closed) {
        waiting.clear();
      }
    } catch (InterruptedException notOurs) {
      // Hints that cannot be sent are dropped: none is tried again at once.
      waiting.clear();
    } finally {
      lock.unlock();
    }
  }

  private void complain(Throwable failure) {
    long now = System.nanoTime();
    lock.lock();
    try {
      if (now - quietUntil >= 0) {
        quietUntil = now + COMPLAIN_NANOS;
        LOG.debug("Could not send hints to workers; they find the work by themselves", failure);
      }
    } catch (Throwable hopeless) {
      // A logger that fails must not end the sender.
    } finally {
      lock.unlock();
    }
  }

  /** Sends the remaining hints, if that can be done at once. */
  @Override
  public void close() {
    Thread ending;
    lock.lock();
    try {
      closed = true;
      ending = thread;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (ending == null) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      if (!ending.join(LAST_WORDS)) {
        ending.interrupt();
      }
    } catch (InterruptedException again) {
      interrupted = true;
      ending.interrupt();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
