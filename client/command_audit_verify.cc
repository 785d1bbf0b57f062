#include "client/command_audit_verify.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/audit_verify.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

struct VerifyOptions {
  std::string folder;
  std::string vkey;
};

std::vector<Value> Texts(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

absl::Status Verify(Session& session, const VerifyOptions& options) {
  std::optional<crypto::NoteKey> pinned;
  if (!options.vkey.empty()) {
    absl::StatusOr<crypto::NoteKey> key = crypto::NoteKey::Parse(options.vkey);
    if (!key.ok()) {
      return UsageError(absl::StrCat("--vkey: ", key.status().message()),
                        "NAME+HASH+BASE64, as in log.vkey");
    }
    pinned = *std::move(key);
  }
  const absl::StatusOr<AuditReport> report =
      VerifyMirror(options.folder, pinned);
  if (!report.ok()) return report.status();
  session.out().Print({{"verified", true},
                       {"origin", report->checkpoint.origin},
                       {"entries", report->checkpoint.size},
                       {"root", crypto::ToBase64(report->checkpoint.root)},
                       {"files", report->files},
                       {"warnings", Texts(report->warnings)},
                       {"not_checked", Texts(report->not_checked)}});
  return absl::OkStatus();
}

}  // namespace

void RegisterAuditVerify(Command& audit) {
  auto options = std::make_shared<VerifyOptions>();
  audit
      .Sub("verify", "Checks a mirrored ledger; asks nobody",
           "entente audit verify ledger/")
      .Positional("DIR", "What `audit mirror` made", &options->folder)
      .Option("--vkey", "VKEY", "The verifier key that it must be signed by",
              &options->vkey)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Verify(session, *options); });
}

}  // namespace entente::client
