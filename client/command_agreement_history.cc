#include "client/command_agreement_history.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/connected.h"
#include "client/expiry.h"
#include "client/listed_agreements.h"
#include "client/verified_document.h"

namespace entente::client {
namespace {

struct HistoryOptions {
  std::string agreement;
  uint64_t version = 0;
};

absl::Status Versions(Session& session, const HistoryOptions& options) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  BrokerLink& link = *connected->link;
  const auto highest = HighestVersion(link, options.agreement);
  if (!highest.ok()) return highest.status();
  std::vector<Record> rows;
  // One at least, so that the broker says why there is none.
  for (uint32_t version = 1; version <= std::max(*highest, 1U); ++version) {
    const auto document =
        FetchDocument(link, connected->profile, connected->knowledge(),
                      options.agreement, version);
    if (!document.ok()) return document.status();
    const size_t lines = document->agreement().signatories.size();
    rows.push_back(
        {{"version", int64_t{version}},
         {"state", StateOf(*document, link.Now())},
         {"from", InstantText(document->compiled->from())},
         {"until", InstantText(document->compiled->until())},
         {"signed",
          absl::StrCat(lines - document->missing.size(), " of ", lines)},
         {"activated", document->activation.has_value()
                           ? InstantText(document->activation->entry.time)
                           : std::string()},
         {"digest", document->digest},
         {"title", document->agreement().title}});
  }
  session.out().PrintList("versions",
                          {"version", "state", "from", "until", "signed",
                           "activated", "digest", "title"},
                          rows);
  return absl::OkStatus();
}

// The line of `signatory`; null if it is open.
const SignedLine* FilledLine(const VerifiedDocument& document,
                             const policy::Signatory& signatory) {
  for (const SignedLine& line : document.signatures) {
    if (line.party == signatory.party && line.name == signatory.name) {
      return &line;
    }
  }
  return nullptr;
}

absl::Status Signatures(Session& session, const HistoryOptions& options) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto document = FetchDocument(*connected->link, connected->profile,
                                      connected->knowledge(), options.agreement,
                                      static_cast<uint32_t>(options.version));
  if (!document.ok()) return document.status();
  std::vector<Record> rows;
  for (const policy::Signatory& signatory : document->agreement().signatories) {
    const SignedLine* line = FilledLine(*document, signatory);
    rows.push_back(
        {{"party", signatory.party},
         {"role", signatory.role},
         {"name", signatory.name},
         {"signed", line != nullptr},
         {"when", line == nullptr || !line->signed_at.has_value()
                      ? std::string()
                      : InstantText(*line->signed_at)},
         {"diff", line == nullptr ? std::string() : line->diff},
         {"certificate", line == nullptr ? std::string() : line->fingerprint},
         {"version", int64_t{document->version()}},
         {"digest", document->digest}});
  }
  session.out().PrintList("signatures",
                          {"party", "role", "name", "signed", "when", "diff",
                           "certificate", "version", "digest"},
                          rows);
  return absl::OkStatus();
}

}  // namespace

void RegisterAgreementVersions(Command& agreement) {
  auto options = std::make_shared<HistoryOptions>();
  agreement
      .Sub("versions", "Every version of an agreement, each verified here",
           "entente agreement versions isa-burglary-2026")
      .Positional("ID", "The agreement", &options->agreement)
      .Does(Effect::kReads, Prints::kList, [options](Session& session) {
        return Versions(session, *options);
      });
}

void RegisterAgreementSignatures(Command& agreement) {
  auto options = std::make_shared<HistoryOptions>();
  HistoryOptions* o = options.get();
  agreement
      .Sub("signatures", "Who has signed a version, and who has not",
           "entente agreement signatures isa-burglary-2026 --version 2")
      .Positional("ID", "The agreement", &o->agreement)
      .Number("--version", "N", "The version; the one in force if not said",
              &o->version, 1, kMaxVersion)
      .Does(Effect::kReads, Prints::kList, [options](Session& session) {
        return Signatures(session, *options);
      });
}

}  // namespace entente::client
