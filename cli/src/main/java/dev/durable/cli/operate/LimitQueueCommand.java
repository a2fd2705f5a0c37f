package dev.durable.cli.operate;

import dev.durable.queue.LimitOptions;
import dev.durable.queue.Queues;
import dev.durable.queue.Rate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code durable queues limits}. */
@Command(
    name = "limits",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Sets limits of a queue on all workers, instead of those that the code declares.",
      "They replace what was set before, all of it; what is not named is as the code has it.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:set",
      "1:no worker has ever served the queue, or the database refused",
      "2:wrong usage",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable queues limits payments --concurrency 10 --rate 100/1m",
      "  durable queues limits payments --lift rate --lift per-key",
      "  durable queues limits payments --clear"
    })
public final class LimitQueueCommand extends QueueCommand {

  /** A limit that can be lifted, by the name of its option. */
  enum Lifted {
    CONCURRENCY,
    PER_KEY,
    RATE,
    RATE_PER_KEY,
    AGING;

    String option() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Option(names = "--concurrency", paramLabel = "N", description = "Executions that run at a time.")
  private @Nullable Integer concurrency;

  @Option(
      names = "--per-key",
      paramLabel = "N",
      description = "Executions of one limit key that run at a time.")
  private @Nullable Integer perKey;

  @Option(
      names = "--rate",
      paramLabel = "N/TIME",
      converter = RateConverter.class,
      description = "Executions that begin within a time, such as 100/1m.")
  private @Nullable Rate rate;

  @Option(
      names = "--rate-per-key",
      paramLabel = "N/TIME",
      converter = RateConverter.class,
      description = "Executions of one limit key that begin within a time.")
  private @Nullable Rate ratePerKey;

  @Option(
      names = "--count-waiting",
      arity = "1",
      paramLabel = "BOOL",
      description = "Whether executions that wait keep their place: true or false.")
  private @Nullable Boolean countWaiting;

  @Option(
      names = "--fair",
      arity = "1",
      paramLabel = "BOOL",
      description = "Whether limit keys take turns: true or false.")
  private @Nullable Boolean fair;

  @Option(
      names = "--aging",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "Lifts what is due by one priority for each such time.")
  private @Nullable Duration aging;

  @Option(
      names = "--lift",
      paramLabel = "LIMIT",
      converter = LiftedConverter.class,
      description = {
        "No such limit, whatever the code declares:",
        "concurrency, per-key, rate, rate-per-key or aging. Given again: each."
      })
  private List<Lifted> lifted = List.of();

  @Option(names = "--clear", description = "The limits of the code again.")
  private boolean clear;

  @Option(names = "--by", paramLabel = "WHO", description = BY)
  private @Nullable String by;

  /** picocli makes it. */
  public LimitQueueCommand() {}

  @Override
  String change(Queues queues, String queue) {
    if (clear && namesLimits()) {
      throw new IllegalArgumentException("--clear takes all limits away: name none beside it.");
    }
    if (!clear && !namesLimits()) {
      throw new IllegalArgumentException(
          "Name at least one limit, such as --per-key 2, or --clear for those of the code.");
    }
    for (Lifted each : lifted) {
      if (isGiven(each)) {
        throw new IllegalArgumentException(
            "--lift " + each.option() + " and --" + each.option() + " contradict each other.");
      }
    }
    if (clear) {
      queues.clearOverrides(queue);
      return "Queue '" + queue + "' has the limits of the code.";
    }
    queues.limits(queue, UserName.or(by), this::fillIn);
    return "Set the limits of queue '" + queue + "'.";
  }

  private boolean isGiven(Lifted limit) {
    return switch (limit) {
          case CONCURRENCY -> concurrency;
          case PER_KEY -> perKey;
          case RATE -> rate;
          case RATE_PER_KEY -> ratePerKey;
          case AGING -> aging;
        }
        != null;
  }

  private boolean namesLimits() {
    return concurrency != null
        || perKey != null
        || rate != null
        || ratePerKey != null
        || countWaiting != null
        || fair != null
        || aging != null
        || !lifted.isEmpty();
  }

  private static void requireOne(String option, int executions) {
    if (executions < 1) {
      throw new IllegalArgumentException(option + " must be at least 1: " + executions);
    }
  }

  private void fillIn(LimitOptions limits) {
    lifted.forEach(each -> lift(limits, each));
    if (concurrency != null) {
      requireOne("--concurrency", concurrency);
      limits.globalConcurrency(concurrency);
    }
    if (perKey != null) {
      requireOne("--per-key", perKey);
      limits.perKey(perKey);
    }
    if (rate != null) {
      limits.rate(rate.executions(), rate.period());
    }
    if (ratePerKey != null) {
      limits.ratePerKey(ratePerKey.executions(), ratePerKey.period());
    }
    if (countWaiting != null) {
      limits.countWaiting(countWaiting);
    }
    if (fair != null) {
      limits.fair(fair);
    }
    if (aging != null) {
      limits.aging(aging);
    }
  }

  private static void lift(LimitOptions limits, Lifted limit) {
    switch (limit) {
      case CONCURRENCY -> limits.noGlobalConcurrency();
      case PER_KEY -> limits.noPerKey();
      case RATE -> limits.noRate();
      case RATE_PER_KEY -> limits.noRatePerKey();
      case AGING -> limits.noAging();
    }
  }
}
