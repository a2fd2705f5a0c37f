package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;

/**
 * Ends a run, or a part of it, through code of users. An Error, for they may catch exceptions; what
 * catches it nevertheless is stopped after its end.
 */
abstract sealed class DryStop extends Error {

  private static final long serialVersionUID = 1L;

  private DryStop(String message) {
    super(message + "; the dry run ends here: let this through", null, false, false);
  }

  /** Waits for ever. */
  static final class Waits extends DryStop {
    private static final long serialVersionUID = 1L;
    private final String what;

    Waits(String what) {
      super("it waits for " + what);
      this.what = what;
    }

    String what() {
      return what;
    }
  }

  /** Is to be parked. */
  static final class Parks extends DryStop {
    private static final long serialVersionUID = 1L;
    private final transient ErrorInfo reason;

    Parks(ErrorInfo reason) {
      super(reason.message());
      this.reason = reason;
    }

    ErrorInfo reason() {
      return reason;
    }
  }

  /** Is over: cancelled, or out of the workflow's time. */
  static final class Over extends DryStop {
    private static final long serialVersionUID = 1L;
    private final transient ErrorInfo reason;

    Over(ErrorInfo reason) {
      super(reason.message());
      this.reason = reason;
    }

    ErrorInfo reason() {
      return reason;
    }
  }

  /** Has said all that it was entered for. */
  static final class Leaves extends DryStop {
    private static final long serialVersionUID = 1L;

    Leaves() {
      super("it was entered once more, to be undone");
    }
  }

  /** The script is wrong, or something is missing in it: the test fails. */
  static final class Misuse extends DryStop {
    private static final long serialVersionUID = 1L;
    private final RuntimeException problem;

    Misuse(RuntimeException problem) {
      super(String.valueOf(problem.getMessage()));
      this.problem = problem;
    }

    RuntimeException problem() {
      return problem;
    }
  }
}
