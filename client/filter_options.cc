#include "client/filter_options.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/error.h"
#include "policy/ledger_entry.h"

namespace entente::client {
namespace {

std::vector<absl::string_view> KindNames() {
  std::vector<absl::string_view> names;
  for (int kind = 1; !policy::EntryKindName(policy::EntryKind(kind)).empty();
       ++kind) {
    names.push_back(policy::EntryKindName(policy::EntryKind(kind)));
  }
  return names;
}

std::vector<absl::string_view> OperationNames() {
  std::vector<absl::string_view> names;
  for (int operation = 1;
       operation <= static_cast<int>(policy::Operation::kErasure);
       ++operation) {
    names.push_back(policy::OperationName(policy::Operation(operation)));
  }
  return names;
}

absl::Status OneOf(absl::string_view option, const std::string& value,
                   const std::vector<absl::string_view>& names) {
  if (value.empty() ||
      std::find(names.begin(), names.end(), value) != names.end()) {
    return absl::OkStatus();
  }
  return UsageError(absl::StrCat(option, ": there is no \"", value, "\""),
                    absl::StrCat("choose ", absl::StrJoin(names, ", ")));
}

// --zone, or the machine's.
absl::StatusOr<absl::TimeZone> ZoneOf(const FilterOptions& options) {
  absl::TimeZone zone = absl::LocalTimeZone();
  if (options.zone.empty() || absl::LoadTimeZone(options.zone, &zone)) {
    return zone;
  }
  return UsageError(absl::StrCat("--zone: there is no \"", options.zone, "\""),
                    "a name like Europe/London or UTC");
}

bool IsGrant(const std::string& text) {
  constexpr size_t kAllDigits = 64;
  return (text.size() == kGrantDigits || text.size() == kAllDigits) &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

absl::Status SetTimes(const FilterOptions& options, absl::Time now,
                      EntryChoice* choice) {
  const absl::StatusOr<absl::TimeZone> zone = ZoneOf(options);
  if (!zone.ok()) return zone.status();
  choice->zone = *zone;
  EntryFilter* filter = &choice->filter;
  for (const auto& [option, text, into] :
       {std::tuple("--since", &options.since, &filter->since),
        std::tuple("--until", &options.until, &filter->until)}) {
    if (text->empty()) continue;
    const absl::StatusOr<absl::Time> time = ParseInstant(*text, now, *zone);
    if (!time.ok()) {
      return UsageError(absl::StrCat(option, ": ", time.status().message()),
                        "2027-03-01, 2027-03-01T09:30, or 24h or 7d ago");
    }
    *into = *time;
  }
  if (filter->since >= filter->until) {
    return UsageError("no time lies between --since and --until",
                      "give an earlier --since or a later --until");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EntryChoice> ChoiceOf(const FilterOptions& options,
                                     absl::Time now) {
  for (const absl::Status& known :
       {OneOf("--kind", options.kind, KindNames()),
        OneOf("--operation", options.operation, OperationNames()),
        OneOf("--decision", options.decision, {"allow", "deny"})}) {
    if (!known.ok()) return known;
  }
  if (!options.grant.empty() && !IsGrant(options.grant)) {
    return UsageError(
        absl::StrCat("--break-glass: \"", options.grant, "\" is no grant"),
        "its first 8 digits or all 64, in lower case, as entente agreement "
        "break-glass list shows them");
  }
  EntryChoice choice;
  if (absl::Status set = SetTimes(options, now, &choice); !set.ok()) return set;
  EntryFilter& filter = choice.filter;
  if (!options.index.empty()) {
    const auto range = ParseIndexRange(options.index);
    if (!range.ok()) {
      return UsageError(absl::StrCat("--index: ", range.status().message()),
                        "17, 17-90, or 17- up to the end");
    }
    filter.first = range->first;
    filter.last = range->second;
  }
  const auto add = [&](const char* facet, const std::string& value) {
    if (!value.empty()) filter.facets.emplace_back(facet, value);
  };
  add("agency", options.agency);
  add("sender", options.sender);
  add("recipient", options.recipient);
  add("actor", options.actor);
  add("person", options.person);
  add("flow", options.flow);
  add("purpose", options.purpose);
  add("case", options.case_reference);
  add("outcome", options.decision);
  add("kind", options.kind);
  add("operation", options.operation);
  add("dataset", options.dataset);
  add("method", options.method);
  add("batch", options.batch);
  add("subject", options.subject);
  add("about", options.about);
  add("grant", options.grant);
  for (const std::string& reason : options.reasons) add("reason", reason);
  for (const std::string& field : options.fields) add("field", field);
  return choice;
}

Command& TakesTime(Command& command, FilterOptions* options) {
  return command
      .Option("--since", "TIME",
              "From then on: 2027-03-01, 2027-03-01T09:30, or 24h or 7d ago",
              &options->since)
      .Option("--until", "TIME", "Before then", &options->until)
      .Option("--zone", "NAME",
              "The time zone of dates and local times; this machine's if not "
              "said",
              &options->zone);
}

Command& TakesLedger(Command& command, FilterOptions* options) {
  command
      .OptionalPositional("DIR",
                          "What `audit mirror` made; without it, the ledger is "
                          "read from the broker",
                          &options->folder)
      .Option("--agreement", "ID",
              "Whose ledger; without it and DIR, the broker's own",
              &options->agreement);
  return TakesTime(command, options);
}

Command& TakesFilter(Command& command, FilterOptions* options) {
  return TakesLedger(command, options)
      .Option("--index", "RANGE", "17, 17-90, or 17- up to the end",
              &options->index)
      .Option("--agency", "ID", "That gave, took or did it", &options->agency)
      .Option("--from", "ID", "The agency that gave", &options->sender)
      .Option("--to", "ID", "The agency that took", &options->recipient)
      .Option("--actor", "URI", "Whose certificate it was", &options->actor)
      .Option("--person", "NAME", "The acting person, as the agency names it",
              &options->person)
      .Option("--flow", "ID", "Of this flow", &options->flow)
      .Option("--purpose", "ID", "For this purpose", &options->purpose)
      .Option("--case", "REFERENCE", "Under this case reference",
              &options->case_reference)
      .Option("--decision", "allow|deny", "Whether it was allowed",
              &options->decision)
      .Repeated("--reason", "CODE", "Refused for this reason, and each other",
                &options->reasons)
      .Repeated("--field", "NAME", "With this field, and each other",
                &options->fields)
      .Option("--kind", "KIND", "batch, delivery, refused_login…",
              &options->kind)
      .Option("--operation", "NAME",
              "collection, alteration, consultation, disclosure, combination "
              "or erasure",
              &options->operation)
      .Option("--dataset", "ID", "Of this dataset", &options->dataset)
      .Option("--method", "NAME", "By this method", &options->method)
      .Option("--batch", "ID", "About this batch: 32 digits", &options->batch)
      .Option("--subject", "DIGEST", "About this digest: 64 digits",
              &options->subject)
      .Option("--about", "ID",
              "That names this agreement, in the broker's own ledger",
              &options->about)
      .Option("--break-glass", "GRANT",
              "About this break-glass grant, or under it: its first 8 digits "
              "or all 64",
              &options->grant);
}

}  // namespace entente::client
