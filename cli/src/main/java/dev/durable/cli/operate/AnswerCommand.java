package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.cli.database.ExitCodeMapping;
import dev.durable.execution.Execution;
import dev.durable.question.InvalidAnswerException;
import dev.durable.question.OpenQuestion;
import dev.durable.question.QuestionType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code durable answer}. */
@Command(
    name = "answer",
    aliases = "provide-input",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Answers an open question of an execution, which then continues.",
      "",
      "The first answer wins. An invalid answer is refused with all reasons, and the question stays"
          + " open.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:answered",
      "1:refused: the answer is invalid, or no such question is open",
      "2:wrong usage, invalid JSON, or an id prefix of several executions",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable answer 01a20790-3f manager approve --by jane --comment fine",
      "  durable answer 01a20790-3f colour green",
      "  durable answer 01a20790-3f toppings ham olives",
      "  durable answer 01a20790-3f request --json '{\"item\": \"chair\"}'",
      "  durable answer 01a20790-3f request - < answer.json"
    })
public final class AnswerCommand implements Callable<Integer> {

  static final String NAME = "The question's name; its path, if several have that name.";

  private static final String APPROVE = "approve";
  private static final String REJECT = "reject";

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "EXECUTION", description = ExecutionIds.DESCRIPTION)
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String execution;

  @Parameters(index = "1", paramLabel = "NAME", description = NAME)
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String name;

  @Parameters(
      index = "2..*",
      arity = "0..*",
      paramLabel = "ANSWER",
      description = {
        "approve or reject for an approval; the choice, or several; the text.",
        "- reads JSON from standard input."
      })
  private List<String> answers = List.of();

  @Option(
      names = "--json",
      paramLabel = "JSON",
      description = "The answer as JSON; for a form, an object with its fields.")
  private @Nullable String json;

  @Option(
      names = "--by",
      paramLabel = "WHO",
      description = "The person who answers, for the record. Default: your user name.")
  private @Nullable String by;

  @Option(names = "--comment", paramLabel = "TEXT", description = "A comment on approve or reject.")
  private @Nullable String comment;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public AnswerCommand() {}

  @Override
  public Integer call() {
    String ready = ExitCodeMapping.call(spec, this::ready);
    Execution answered = Client.ask(spec, database, client -> answer(client, ready));
    spec.commandLine()
        .getErr()
        .println("Answered '" + Table.oneLine(name) + "' of execution " + answered.id() + ".");
    return ExitCodes.OK;
  }

  /** The answer if it is given as JSON, else an empty text. */
  private String ready() {
    boolean piped = answers.size() == 1 && Json.isPiped(answers.getFirst());
    if (json != null && !answers.isEmpty()) {
      throw new IllegalArgumentException("Give either ANSWER or --json, not both.");
    }
    if (json == null && answers.isEmpty()) {
      throw new IllegalArgumentException("There is no answer: give ANSWER or --json.");
    }
    if (comment != null && (json != null || piped)) {
      throw new IllegalArgumentException(
          "--comment goes with approve and reject; JSON has a comment of its own.");
    }
    return json != null ? Json.of(json) : piped ? Json.of(answers.getFirst()) : "";
  }

  private Execution answer(Durable client, String ready) {
    Execution found = ExecutionIds.find(client, execution);
    String answer =
        ready.isEmpty() ? Json.write(inWords(client.questions().open(found.id(), name))) : ready;
    try {
      client.questions().answerJson(found.id(), name, answer, UserName.or(by));
    } catch (InvalidAnswerException refused) {
      throw new CommandFailedException(
          ExitCodes.FAILED,
          "the answer to '"
              + Table.oneLine(name)
              + "' is refused:\n  "
              + String.join("\n  ", refused.reasons()));
    }
    return found;
  }

  /** The value for JSON that the words of the command line stand for. */
  private Object inWords(OpenQuestion question) {
    if (comment != null && question.type() != QuestionType.APPROVAL) {
      throw new IllegalArgumentException(
          "--comment is for approvals; '" + name + "' asks for a " + question.type().text() + ".");
    }
    return switch (question.type()) {
      case APPROVAL -> approval(only());
      case CHOICE, TEXT -> only();
      case MULTI_CHOICE -> answers;
      case FORM ->
          throw new IllegalArgumentException(
              "'"
                  + name
                  + "' is a form: give an object with --json. Its fields: "
                  + QuestionTables.fields(question));
    };
  }

  private String only() {
    if (answers.size() > 1) {
      throw new IllegalArgumentException(
          "'" + name + "' takes one answer, not " + answers + ". A text with spaces needs quotes.");
    }
    return answers.getFirst();
  }

  private Map<String, @Nullable Object> approval(String word) {
    if (!word.equals(APPROVE) && !word.equals(REJECT)) {
      throw new IllegalArgumentException(
          "'" + name + "' is an approval: the answer is approve or reject, not '" + word + "'.");
    }
    Map<String, @Nullable Object> approval = new LinkedHashMap<>();
    approval.put("approved", word.equals(APPROVE));
    approval.put("by", UserName.or(by));
    approval.put("comment", comment);
    return approval;
  }
}
