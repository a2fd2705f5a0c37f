package dev.durable.cli.migrate.command;

import dev.durable.cli.migrate.MigrationReport;
import dev.durable.migration.DurableMigration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** Formats reports as text and as JSON. */
final class ReportFormat {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ReportFormat() {}

  static String text(List<MigrationReport> reports) {
    return reports.stream().map(ReportFormat::text).collect(Collectors.joining("\n"));
  }

  private static String text(MigrationReport report) {
    String text =
        """
        Data source:        %s
        Prefix:             %s
        Current version:    %s
        Migrated version:   %s
        Pending versions:   %s
        Status:             %s
        """
            .formatted(
                report.dataSource(),
                report.prefix(),
                report.currentVersion(),
                report.migratedVersion() == 0 ? "none" : report.migratedVersion(),
                MigrationReport.list(report.pendingVersions()),
                status(report));
    return report.changedVersions().isEmpty()
        ? text
        : text + "Changed versions:   " + MigrationReport.list(report.changedVersions()) + "\n";
  }

  static String json(List<MigrationReport> reports, boolean several) {
    List<Map<String, Object>> all = reports.stream().map(ReportFormat::fields).toList();
    return JSON.writeValueAsString(several ? all : all.get(0));
  }

  private static Map<String, Object> fields(MigrationReport report) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("dataSource", report.dataSource());
    fields.put("prefix", report.prefix());
    fields.put("currentVersion", report.currentVersion());
    fields.put("migratedVersion", report.migratedVersion());
    fields.put("pendingVersions", report.pendingVersions());
    fields.put("changedVersions", report.changedVersions());
    fields.put("status", status(report));
    return fields;
  }

  /** The commands that bring a schema up to date; empty if nothing is pending. */
  static String remedy(MigrationReport report) {
    if (report.status() != MigrationReport.Status.PENDING) {
      return "";
    }
    String option = prefixOption(report.prefix());
    return """

        Generate the upgrade, then run your migrations:
          durable gen-upgrade%s
        or apply it now:
          durable migrate%s"""
        .formatted(option, option);
  }

  private static String prefixOption(String prefix) {
    return prefix.equals(DurableMigration.DEFAULT_PREFIX)
        ? ""
        : " --prefix='" + prefix.replace("'", "'\\''") + "'";
  }

  private static String status(MigrationReport report) {
    return report.status().name().toLowerCase(Locale.ROOT);
  }
}
