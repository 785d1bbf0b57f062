#include "client/command_agreement_export.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/bundle_at_broker.h"
#include "client/connected.h"
#include "client/document_files.h"
#include "client/verified_document.h"
#include "client/version_name.h"
#include "policy/board_page.h"

namespace entente::client {
namespace {

constexpr absl::string_view kForms =
    "html: one page, to print and to read for a board; json: of a file the "
    "bytes that are signed, of an ID the bundle that `agreement verify` checks";

struct ExportOptions {
  std::string source;
  std::string as = "html";
};

// `text` as it is for people, so that it can be sent to a file.
void PrintWhole(Output& out, const std::string& text, Record about) {
  if (out.for_people()) {
    out.PrintText(text);
    return;
  }
  about.emplace_back("text", text);
  out.Print(about);
}

Record About(const policy::Agreement& agreement, const std::string& digest,
             const std::string& as) {
  return {{"agreement", agreement.id},
          {"version", agreement.version},
          {"digest", digest},
          {"as", as}};
}

absl::Status ExportFile(Session& session, const ExportOptions& options) {
  const absl::StatusOr<Document> document =
      ReadDocument(session, options.source);
  if (!document.ok()) return document.status();
  const std::string text =
      options.as == "json"
          ? document->canonical
          : policy::BoardPage(
                document->agreement, document->digest,
                {"This page was made from a file. Whether anybody signed it, "
                 "or it is in force, the file does not say."});
  PrintWhole(session.out(), text,
             About(document->agreement, document->digest, options.as));
  return absl::OkStatus();
}

// Who signed it and whether it is in force, a sentence each.
std::vector<std::string> StandingOf(const VerifiedDocument& document) {
  std::vector<std::string> lines;
  for (const SignedLine& line : document.signatures) {
    lines.push_back(absl::StrCat("Signed by ", line.party, ": ", line.role,
                                 " (", line.name, ")."));
  }
  for (const std::string& line : document.missing) {
    lines.push_back(absl::StrCat("Not signed by ", line, "."));
  }
  if (!document.activation.has_value()) {
    lines.push_back("No entry of its ledger says that it was activated.");
    return lines;
  }
  lines.push_back(absl::StrCat(
      "Activated by entry ", document.activation->index, " of its ledger, on ",
      absl::FormatTime("%Y-%m-%d %H:%M UTC", document.activation->entry.time,
                       absl::UTCTimeZone()),
      "."));
  lines.push_back(absl::StrCat(
      "The signatures and this entry were verified when the page was made. "
      "That it is ",
      document.state, " is the broker's word."));
  return lines;
}

absl::Status ExportVersion(Session& session, const VersionName& named,
                           const ExportOptions& options) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto document =
      FetchDocument(*connected->link, connected->profile,
                    connected->knowledge(), named.agreement, named.version);
  if (!document.ok()) return document.status();
  std::string text;
  if (options.as == "json") {
    const auto bundle = FetchBundle(*connected->link, *document);
    if (!bundle.ok()) return bundle.status();
    text = PrintBundle(*bundle);
  } else {
    text = policy::BoardPage(document->agreement(), document->digest,
                             StandingOf(*document));
  }
  PrintWhole(session.out(), text,
             About(document->agreement(), document->digest, options.as));
  return absl::OkStatus();
}

absl::Status Export(Session& session, const ExportOptions& options) {
  if (options.as != "html" && options.as != "json") {
    return UsageError(absl::StrCat("--as: no form \"", options.as, "\""),
                      kForms);
  }
  const std::optional<VersionName> named = ParseVersionName(options.source);
  return named.has_value() ? ExportVersion(session, *named, options)
                           : ExportFile(session, options);
}

}  // namespace

void RegisterAgreementExport(Command& agreement) {
  auto options = std::make_shared<ExportOptions>();
  agreement
      .Sub("export",
           "A page for those who sign, or all that proves an agreement",
           "entente agreement export isa-burglary-2026 --as json > "
           "burglary.bundle.json")
      .Positional("FILE-OR-ID",
                  "A document, -, or ID or ID/VERSION of one at the broker",
                  &options->source)
      .Option("--as", "FORM", kForms, &options->as)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Export(session, *options); });
}

}  // namespace entente::client
