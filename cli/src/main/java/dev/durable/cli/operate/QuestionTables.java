package dev.durable.cli.operate;

import dev.durable.question.FormField;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Reassignment;
import dev.durable.wait.OpenWait;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Formats questions to people and open waits, as tables and as JSON. */
final class QuestionTables {

  private static final String UNASSIGNED = "-";
  private static final String INPUT = "input:";

  private QuestionTables() {}

  static String text(List<OpenQuestion> questions) {
    Table table =
        new Table(
            List.of("EXECUTION", "WORKFLOW", "NAME", "TYPE", "FOR", "ASKED", "DUE", "QUESTION"));
    for (OpenQuestion each : questions) {
      table.row(
          each.executionId().toString(),
          each.workflow(),
          name(each, questions),
          each.type().text(),
          each.assignees().isEmpty() ? UNASSIGNED : String.join(", ", each.assignees()),
          Ages.since(each.insertedAt()),
          Ages.until(each.timeoutAt()),
          question(each));
    }
    return table.toString();
  }

  /** The name to answer by: the path if the execution has several questions of that name. */
  private static String name(OpenQuestion question, List<OpenQuestion> among) {
    long same =
        among.stream()
            .filter(other -> other.executionId().equals(question.executionId()))
            .filter(other -> other.name().equals(question.name()))
            .count();
    return same > 1 ? question.path() : question.name();
  }

  private static String question(OpenQuestion question) {
    String prompt = question.prompt() == null ? "" : question.prompt() + " ";
    return prompt
        + switch (question.type()) {
          case APPROVAL -> "[approve, reject]";
          case CHOICE -> question.choices();
          case MULTI_CHOICE -> "some of " + question.choices();
          case TEXT -> "";
          case FORM -> fields(question);
        };
  }

  static String fields(OpenQuestion question) {
    return question.fields().stream()
        .map(field -> field.name() + ": " + kind(field) + (field.required() ? "" : " or nothing"))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String kind(FormField field) {
    return switch (field) {
      case FormField.TextField text -> "text" + lengths(text);
      case FormField.NumberField number ->
          (number.whole() ? "whole number" : "number") + limits(number.least(), number.most());
      case FormField.DateField date -> "date";
      case FormField.FlagField flag -> "true or false";
      case FormField.ChoiceField choice -> String.join("|", choice.choices());
    };
  }

  private static String lengths(FormField.TextField text) {
    BigDecimal least = text.shortest() == 0 ? null : BigDecimal.valueOf(text.shortest());
    BigDecimal most =
        text.longest() == FormField.TextField.LONGEST ? null : BigDecimal.valueOf(text.longest());
    String limits = limits(least, most);
    return limits.isEmpty() ? "" : limits + " characters";
  }

  private static String limits(@Nullable BigDecimal least, @Nullable BigDecimal most) {
    return least == null && most == null
        ? ""
        : " " + (least == null ? "" : least) + ".." + (most == null ? "" : most);
  }

  static String json(List<OpenQuestion> questions) {
    return Json.write(questions.stream().map(QuestionTables::fieldsOf).toList());
  }

  private static Map<String, @Nullable Object> fieldsOf(OpenQuestion question) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("execution", question.executionId().toString());
    fields.put("workflow", question.workflow());
    fields.put("name", question.name());
    fields.put("path", question.path());
    fields.put("type", question.type().text());
    fields.put("prompt", question.prompt());
    fields.put("assignees", question.assignees());
    fields.put(
        "reassignments", question.reassignments().stream().map(QuestionTables::fieldsOf).toList());
    fields.put("choices", question.choices());
    fields.put("fields", question.fields().stream().map(QuestionTables::fieldsOf).toList());
    fields.put("metadata", question.metadata());
    fields.put("askedAt", question.insertedAt().toString());
    fields.put("timeoutAt", question.timeoutAt() == null ? null : question.timeoutAt().toString());
    return fields;
  }

  private static Map<String, Object> fieldsOf(Reassignment reassignment) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("at", reassignment.at().toString());
    fields.put("by", reassignment.by());
    fields.put("from", reassignment.from());
    fields.put("to", reassignment.to());
    return fields;
  }

  private static Map<String, Object> fieldsOf(FormField field) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", field.name());
    fields.put("required", field.required());
    switch (field) {
      case FormField.TextField text -> {
        fields.put("kind", "text");
        fields.put("shortest", text.shortest());
        fields.put("longest", text.longest());
      }
      case FormField.NumberField number -> {
        fields.put("kind", number.whole() ? "whole_number" : "number");
        if (number.least() != null) {
          fields.put("least", number.least());
        }
        if (number.most() != null) {
          fields.put("most", number.most());
        }
      }
      case FormField.DateField date -> fields.put("kind", "date");
      case FormField.FlagField flag -> fields.put("kind", "flag");
      case FormField.ChoiceField choice -> {
        fields.put("kind", "choice");
        fields.put("choices", choice.choices());
      }
    }
    return fields;
  }

  /** The waits of an execution; a wait for an answer shows the name of its question. */
  static String waitsText(List<OpenWait> waits, List<OpenQuestion> questions) {
    Table table = new Table(List.of("PLACE", "WAITS FOR", "SINCE", "TIMEOUT"));
    for (OpenWait wait : waits) {
      List<String> signals = new ArrayList<>();
      wait.signals().forEach(signal -> signals.add(signal(signal, wait, questions)));
      String joint = wait.all() ? " and " : " or ";
      table.row(
          wait.path(),
          String.join(joint, signals),
          Ages.since(wait.openedAt()),
          Ages.until(wait.timeoutAt()));
    }
    return table.toString();
  }

  private static String signal(String signal, OpenWait wait, List<OpenQuestion> questions) {
    return signal.startsWith(INPUT)
        ? "answer to '"
            + questions.stream()
                .filter(each -> each.path().equals(wait.path()))
                .map(OpenQuestion::name)
                .findFirst()
                .orElse(wait.path().substring(wait.path().lastIndexOf('/') + 1))
            + "'"
        : signal.replaceFirst(":", " ");
  }

  static String waitsJson(UUID execution, List<OpenWait> waits) {
    return Json.write(waits.stream().map(wait -> fieldsOf(execution, wait)).toList());
  }

  private static Map<String, @Nullable Object> fieldsOf(UUID execution, OpenWait wait) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("execution", execution.toString());
    fields.put("path", wait.path());
    fields.put("mode", wait.all() ? "all" : "any");
    fields.put("signals", wait.signals());
    fields.put("openedAt", wait.openedAt().toString());
    fields.put("timeoutAt", wait.timeoutAt() == null ? null : wait.timeoutAt().toString());
    return fields;
  }
}
