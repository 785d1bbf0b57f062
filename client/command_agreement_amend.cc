#include "client/command_agreement_amend.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/connected.h"
#include "client/document_files.h"
#include "client/listed_agreements.h"
#include "client/proposal.h"
#include "client/shown_change.h"
#include "client/verified_document.h"
#include "policy/diff_words.h"

namespace entente::client {
namespace {

struct AmendOptions {
  std::string agreement;
  std::string file;
};

// Whether `document` follows the newest version there is.
absl::Status CheckFollows(const Document& document,
                          const VerifiedDocument& newest) {
  const policy::Agreement& agreement = document.agreement;
  const policy::Agreement& before = newest.agreement();
  if (agreement.id != before.id) {
    return ToStatus(
        {.what = absl::StrCat(document.source, " is another agreement"),
         .why = absl::StrCat("its id is ", agreement.id),
         .next = "an agreement keeps its id for life",
         .code = "ANOTHER_AGREEMENT",
         .exit = ExitCode::kUsage});
  }
  if (agreement.version == before.version + 1 &&
      agreement.previous == newest.digest) {
    return absl::OkStatus();
  }
  return ToStatus(
      {.what = absl::StrCat(document.source, " does not follow version ",
                            before.version),
       .why = absl::StrCat(
           "it says version: ", agreement.version, " and previous: ",
           agreement.previous.empty() ? "nothing" : agreement.previous),
       .next = absl::StrCat("write version: ", before.version + 1,
                            " and previous: ", newest.digest,
                            "; entente agreement show ", before.id,
                            " --as next prints what to start from"),
       .code = "PREVIOUS_MISMATCH",
       .exit = ExitCode::kRefused});
}

absl::Status Amend(Session& session, const AmendOptions& options) {
  const absl::StatusOr<Document> document = ReadDocument(session, options.file);
  if (!document.ok()) return document.status();
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto highest = HighestVersion(*connected->link, options.agreement);
  if (!highest.ok()) return highest.status();
  // Of one that is not listed the broker says why.
  const auto newest =
      FetchDocument(*connected->link, connected->profile,
                    connected->knowledge(), options.agreement, *highest);
  if (!newest.ok()) return newest.status();
  if (absl::Status follows = CheckFollows(*document, *newest); !follows.ok()) {
    return follows;
  }
  const policy::Agreement& agreement = document->agreement;
  const auto base = FetchDiffBase(*connected, agreement.id,
                                  static_cast<uint32_t>(agreement.version));
  if (!base.ok()) return base.status();
  ShowChange(session, base->agreement(), agreement);
  auto record = ProposeDocument(*connected, agreement, document->canonical,
                                document->digest);
  if (!record.ok()) return record.status();
  record->emplace_back("against", base->agreement().version);
  record->emplace_back(
      "diff", crypto::ToHex(policy::DiffDigest(base->agreement(), agreement)));
  session.out().Print(*record);
  return absl::OkStatus();
}

}  // namespace

void RegisterAgreementAmend(Command& agreement) {
  auto options = std::make_shared<AmendOptions>();
  agreement
      .Sub("amend",
           "Shows what the next version changes, and puts it before its "
           "parties; signs nothing",
           "entente agreement amend isa-burglary-2026 agreement.yaml")
      .Positional("ID", "The agreement", &options->agreement)
      .Positional("FILE", "Its next version in YAML, or -", &options->file)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Amend(session, *options); });
}

}  // namespace entente::client
