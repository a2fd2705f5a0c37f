package dev.durable.fault;

import dev.durable.crash.Victim;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Counts the calls of an engine by place, and does one injection at one of them. */
final class Sabotage {

  private static final long LASTS = Victim.LEASE.multipliedBy(2).toNanos();
  private static final long REFUSES = 400_000_000;
  private static final int STORM = 1_000;
  private static final int HEAD = 200;
  private static final String SETTINGS_END = ", true); ";

  private final Fault fault;
  private final Function<Thread, String> roles;
  private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
  private final AtomicInteger strikes = new AtomicInteger();
  private volatile boolean armed;
  private volatile boolean over;
  private volatile long hitAt;
  private volatile long refusesUntil;
  private volatile @Nullable String hit;

  /** The rest of a call. */
  interface Work {
    Object run() throws Throwable;
  }

  /**
   * @param roles what a thread is for
   */
  Sabotage(Fault fault, Function<Thread, String> roles) {
    this.fault = fault;
    this.roles = roles;
  }

  /** Counting starts here. */
  void arm() {
    armed = true;
  }

  /** Waits until the injection is over; there will be no further one. */
  void end() throws InterruptedException {
    while (hit != null && System.nanoTime() - hitAt < lasts()) {
      Thread.sleep(5);
    }
    over = true;
  }

  private long lasts() {
    return fault.injection().lasting() ? LASTS : 0;
  }

  /** The place that was hit first, or null. */
  @Nullable String hit() {
    return hit;
  }

  /** How often it was hit, if that is more often than anything with a pause in between would be. */
  int storm() {
    return strikes.get() > STORM ? strikes.get() : 0;
  }

  /** The last place of each kind that was come by. */
  List<Place> places() {
    return counts.entrySet().stream()
        .map(count -> Place.of(count.getKey() + "." + count.getValue()))
        .toList();
  }

  /** No connection can be had for a while after a lost answer. */
  void requireOpen() throws SQLException {
    if (refusesUntil != 0 && System.nanoTime() - refusesUntil < 0) {
      throw new SQLException("connection refused (injected)", "08001");
    }
  }

  /**
   * A call of the engine, which may be hit.
   *
   * @param session the connection; null if there is none yet
   * @param queryMillis how long the engine lets the statement take; 0 if that is not limited
   */
  Object at(JdbcCall call, @Nullable Session session, String sql, int queryMillis, Work work)
      throws Throwable {
    if (!isHit(call, sql)) {
      return work.run();
    }
    if (call.givesBack() && fault.injection().harm() != Injection.Harm.INTERRUPT) {
      work.run();
    }
    return strike(call, session, sql, queryMillis, work);
  }

  private boolean isHit(JdbcCall call, String sql) {
    if (!armed || over) {
      return false;
    }
    Place any = new Place(roles.apply(Thread.currentThread()), call, 0);
    int number = count(any);
    int ofAll = count(any.ofAnyone());
    if (fault.place().isLike(any.ofAnyone())) {
      number = ofAll;
    } else if (!fault.place().isLike(any)) {
      return false;
    }
    boolean first = number == fault.place().number();
    if (first) {
      hitAt = System.nanoTime();
      hit = call.text() + " " + head(sql);
    }
    boolean hits = first || (hit != null && System.nanoTime() - hitAt < lasts());
    if (hits && call.isRoundTrip()) {
      strikes.incrementAndGet();
    }
    return hits;
  }

  /**
   * The beginning of a statement, without the settings that the engine sends before each
   * transaction.
   */
  private static String head(String sql) {
    String text = sql.strip().replaceAll("\\s+", " ");
    int settings = text.lastIndexOf(SETTINGS_END);
    String own = settings < 0 ? text : text.substring(settings + SETTINGS_END.length());
    return own.substring(0, Math.min(own.length(), HEAD));
  }

  private int count(Place any) {
    return counts.computeIfAbsent(any.kind(), k -> new AtomicInteger()).incrementAndGet();
  }

  private Object strike(
      JdbcCall call, @Nullable Session session, String sql, int queryMillis, Work work)
      throws Throwable {
    Injection injection = fault.injection();
    switch (injection.harm()) {
      case INTERRUPT -> {
        Thread.currentThread().interrupt();
        return work.run();
      }
      case LOST -> {
        work.run();
        refusesUntil = System.nanoTime() + REFUSES;
      }
      case HANG -> hang(session, queryMillis);
      case STATE, UNCHECKED, ERROR -> {}
    }
    if (session != null) {
      if (injection.dead() || injection.harm() == Injection.Harm.LOST) {
        session.breakDown();
      } else {
        session.failTransaction(call, sql);
      }
    }
    throw failure(injection);
  }

  private static void hang(@Nullable Session session, int queryMillis) throws InterruptedException {
    if (session == null) {
      Thread.sleep(Victim.LEASE.multipliedBy(2));
    } else {
      session.hang(queryMillis);
    }
  }

  private static Throwable failure(Injection injection) {
    return switch (injection.harm()) {
      case STATE -> States.failure(injection.state());
      case UNCHECKED -> new InjectedException();
      case ERROR -> new InjectedError();
      case HANG -> States.failure(injection.dead() ? "08006" : "57014");
      case LOST, INTERRUPT -> States.failure("08006");
    };
  }

  /** Whether a failure was injected, or is a consequence. */
  static boolean isInjected(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InjectedException || cause instanceof InjectedError) {
        return true;
      }
    }
    return false;
  }

  private static final class InjectedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    InjectedException() {
      super("injected");
    }
  }

  private static final class InjectedError extends OutOfMemoryError {
    private static final long serialVersionUID = 1L;

    InjectedError() {
      super("injected");
    }
  }
}
