#include "client/command_agreement_verify.h"

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/agreement_bundle.h"
#include "client/verified_bundle.h"
#include "policy/text_page.h"

namespace entente::client {
namespace {

struct VerifyOptions {
  std::string file;
  std::string digest;
};

absl::StatusOr<AgreementBundle> ReadBundle(Session& session,
                                           const std::string& file) {
  const absl::StatusOr<std::string> text =
      ReadInput(session, file, kMaxAgreementBundleBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<AgreementBundle> bundle = ParseBundle(*text);
  if (bundle.ok()) return bundle;
  return ToStatus(
      {.what = absl::StrCat(file, " is no bundle of an agreement"),
       .why = std::string(bundle.status().message()),
       .next = "entente agreement export ID --as json writes one; if this one "
               "did, it was damaged or altered since",
       .code = "BUNDLE_INVALID",
       .exit = ExitCode::kVerificationFailed});
}

std::string InWords(const BundleReport& report) {
  policy::TextPage page;
  page.Heading(absl::StrCat(report.agreement.id, " version ",
                            report.agreement.version, ": ",
                            report.agreement.title));
  page.Line(0, "Checked here, from this file alone:");
  for (const std::string& line : report.checked) page.Item(0, line);
  for (const std::string& line : report.missing) {
    page.Item(0, absl::StrCat("not signed by ", line));
  }
  page.Line(0, "Not checked:");
  for (const std::string& line : report.not_checked) page.Item(0, line);
  return page.text();
}

Record Describe(const BundleReport& report) {
  std::vector<Value> signatures;
  for (const SignedLine& line : report.signatures) {
    signatures.emplace_back(Record{{"party", line.party},
                                   {"role", line.role},
                                   {"name", line.name},
                                   {"certificate", line.fingerprint}});
  }
  const bool active = report.activation.has_value();
  Record record = {{"agreement", report.agreement.id},
                   {"version", report.agreement.version},
                   {"digest", report.digest},
                   {"activated", active},
                   {"signatures", std::move(signatures)},
                   {"missing", ListOf(report.missing)}};
  if (active) {
    record.emplace_back("activation_entry", report.activation->index);
    record.emplace_back(
        "activation_time",
        absl::FormatTime(report.activation->entry.time, absl::UTCTimeZone()));
    record.emplace_back("checkpoint_size", report.activation->checkpoint.size);
    record.emplace_back("manifest", report.manifest_digest);
  }
  record.emplace_back("checked", ListOf(report.checked));
  record.emplace_back("not_checked", ListOf(report.not_checked));
  return record;
}

absl::Status Verify(Session& session, const VerifyOptions& options) {
  const absl::StatusOr<AgreementBundle> bundle =
      ReadBundle(session, options.file);
  if (!bundle.ok()) return bundle.status();
  const absl::StatusOr<BundleReport> report =
      VerifyBundle(*bundle, session.Now());
  if (!report.ok()) return report.status();
  const std::string& digest = report->digest;
  if (!options.digest.empty() &&
      absl::AsciiStrToLower(options.digest) != digest) {
    return ToStatus({.what = "the bundle is of another document",
                     .why = absl::StrCat("its digest is ", digest),
                     .next = "compare with what you signed: entente agreement "
                             "show",
                     .code = "DIGEST_DIFFERS",
                     .exit = ExitCode::kVerificationFailed});
  }
  if (session.out().for_people()) {
    session.out().PrintText(InWords(*report));
  } else {
    session.out().Print(Describe(*report));
  }
  if (report->activation.has_value()) return absl::OkStatus();
  return ToStatus(
      {.what = "nothing in the bundle proves that it was activated",
       .why = report->missing.empty()
                  ? "every line is signed, and there is no activation entry"
                  : absl::StrCat("not signed by ",
                                 absl::StrJoin(report->missing, ", ")),
       .next = "entente agreement show, and export it again once it is active",
       .code = "NOT_ACTIVATED"});
}

}  // namespace

void RegisterAgreementVerify(Command& agreement) {
  auto options = std::make_shared<VerifyOptions>();
  agreement
      .Sub("verify",
           "Checks an exported agreement, asking nobody: document, "
           "signatures, chains, activation, keys",
           "entente agreement verify burglary.bundle.json")
      .Positional("BUNDLE", "What `agreement export ID --as json` wrote, or -",
                  &options->file)
      .Option("--digest", "HEX", "Also that the document has this digest",
              &options->digest)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Verify(session, *options); });
}

}  // namespace entente::client
