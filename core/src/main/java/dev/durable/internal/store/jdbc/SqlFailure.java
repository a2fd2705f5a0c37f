package dev.durable.internal.store.jdbc;

import dev.durable.DurableException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The meaning of a failed statement of the engine. The only place that decides it.
 *
 * <p>Only a failure that provably comes from the value itself is {@link #VALUE}. Anything else,
 * known or not, says nothing about the work: the work is kept and tried again. SQLState classes:
 * PostgreSQL manual, appendix A.
 */
public enum SqlFailure {
  /** The database can never store this value; nothing has been written. */
  VALUE,
  /** Another session holds a lock that is needed; nothing has been written. */
  LOCKED,
  /** Two transactions collided and the database asks to do the same again; nothing was written. */
  AGAIN,
  /** The database does not do it now, and says so; nothing has been written. */
  NOT_NOW,
  /** The connection failed: whether the work has been committed must be asked. */
  UNKNOWN;

  private static final int DEEPEST = 20;

  /**
   * The states that the size of one statement's values may cause: a statement or an answer that
   * takes too long, or too much memory.
   */
  private static final Set<String> COSTLY =
      Set.of("57014", "53200", "53400", "54000", "54001", "25P04", "XX000");

  /** SQLState of an answer that is missing, or could not be read (statement completion unknown). */
  public static final String UNREAD = "40003";

  /**
   * The server has lost a prepared statement, or has it twice: a pooler is between driver and
   * server.
   */
  private static final Set<String> UNPREPARED = Set.of("26000", "42P05");

  /** The meaning of a throwable of the driver, the pool or the database. */
  public static SqlFailure of(Throwable thrown) {
    SQLException failure = sql(thrown);
    if (failure == null) {
      return UNKNOWN;
    }
    String state = state(failure);
    return switch (state) {
      case "55P03" -> LOCKED;
      case "40001", "40P01" -> AGAIN;
      case "40003" -> UNKNOWN;
      default -> {
        if (isUnanswered(failure, state)) {
          yield UNKNOWN;
        }
        yield RejectedValue.isProvenBy(failure, state) ? VALUE : NOT_NOW;
      }
    };
  }

  /**
   * The meaning for statements that were sent together with their commit. A time limit that strikes
   * just after a commit is reported as if the statement had been canceled.
   */
  public static SqlFailure ofCommit(Throwable thrown) {
    return state(sql(thrown)).equals("57014") ? UNKNOWN : of(thrown);
  }

  /**
   * Whether the server itself has reported the failure. Any other failure after a commit has been
   * sent, whatever its SQLState, may have happened before or after the commit.
   */
  public static boolean isAnswer(Throwable thrown) {
    return answer(thrown) != null;
  }

  private static @Nullable ServerErrorMessage answer(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
      if (cause instanceof PSQLException known && known.getServerErrorMessage() != null) {
        return known.getServerErrorMessage();
      }
      cause = cause.getCause();
    }
    return null;
  }

  /**
   * Whether a connection on which this happened may be used again, and given back to its pool. One
   * that failed in an unknown way may still deliver the answer to an earlier question; one that has
   * become read-only, or has a pooler behind it, would fail again and again.
   */
  public static boolean leavesConnection(Throwable thrown) {
    if (thrown instanceof DurableException && sql(thrown) == null) {
      return true;
    }
    return switch (of(thrown)) {
      case VALUE, LOCKED, AGAIN -> true;
      case NOT_NOW -> sql(thrown) instanceof PSQLException known && isHarmless(state(known));
      case UNKNOWN -> false;
    };
  }

  /** Whether the server refused the statement, but session and server work. */
  private static boolean isHarmless(String state) {
    return !UNPREPARED.contains(state)
        && !state.startsWith("25")
        && !state.startsWith("57")
        && !state.startsWith("0A");
  }

  /** Whether the statement's own size may be the cause, if the database works otherwise. */
  public static boolean mayBeCost(Throwable thrown) {
    SQLException failure = sql(thrown);
    return thrown instanceof OutOfMemoryError
        || (failure != null && COSTLY.contains(state(failure)))
        || isTimeout(failure);
  }

  /** The cause of a missing answer; the same for any other failure. */
  public static Throwable original(Throwable thrown) {
    return thrown instanceof SQLException missing
            && missing.getCause() != null
            && state(missing).equals(UNREAD)
        ? missing.getCause()
        : thrown;
  }

  /** Whether prepared statements do not survive between transactions. */
  public static boolean isUnprepared(Throwable thrown) {
    SQLException failure = sql(thrown);
    return failure != null && UNPREPARED.contains(state(failure));
  }

  /**
   * Whether the server had ended an idle session before it read the statements: they can be sent on
   * another connection.
   */
  public static boolean hadEnded(Throwable thrown) {
    return state(sql(thrown)).equals("57P05");
  }

  /** Whether a row with this primary key exists already; other keys are the application's. */
  public static boolean isDuplicate(Throwable thrown) {
    return violates(thrown, "_pkey");
  }

  /** Whether another execution of the workflow has the business key. */
  public static boolean isKeyTaken(Throwable thrown) {
    return violates(thrown, "workflow_executions_key");
  }

  private static boolean violates(Throwable thrown, String end) {
    ServerErrorMessage answer = answer(thrown);
    return answer != null
        && "23505".equals(answer.getSQLState())
        && String.valueOf(answer.getConstraint()).endsWith(end);
  }

  /** The SQLState, or an empty text. */
  public static String state(@Nullable SQLException failure) {
    return failure == null || failure.getSQLState() == null ? "" : failure.getSQLState();
  }

  /** The first SQLException among the causes, or null. */
  public static @Nullable SQLException sql(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
      if (cause instanceof SQLException failure) {
        return failure;
      }
      cause = cause.getCause();
    }
    return null;
  }

  /**
   * A failure of code of our own, or of the user's, that was called between statements: it says
   * nothing about the connection. What the driver or the database has reported stays as it is.
   *
   * @param what begins the message
   */
  static RuntimeException ofOwnCode(String what, RuntimeException failure) {
    return failure instanceof DurableException || sql(failure) != null
        ? failure
        : new DurableException(what + ": " + failure, failure);
  }

  private static boolean isTimeout(@Nullable SQLException failure) {
    return failure != null && failure.getCause() instanceof java.net.SocketTimeoutException;
  }

  /** Without an answer of the server, or with its last words, a commit may have happened. */
  private static boolean isUnanswered(SQLException failure, String state) {
    return state.isEmpty()
        || state.startsWith("08")
        || state.startsWith("57P")
        || state.equals("25P03")
        || state.equals("25P04")
        || (state.equals("XX000")
            && String.valueOf(failure.getMessage()).contains("could not commit transaction"));
  }
}
