#include "client/doctor_local.h"

#include <openssl/x509v3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "certs/identity.h"
#include "client/expiry.h"

namespace entente::client {
namespace {

constexpr absl::string_view kRenew =
    "have a certificate issued (with our authority: entente ca issue), then: "
    "entente profile renew --certificate FILE --key FILE";

Check CheckKey(const OwnFiles& files) {
  if (files.chain.empty() || !files.key.has_value()) {
    return NotChecked(CheckId::kKey, CheckId::kFiles);
  }
  if (files.key->Matches(files.chain.front())) {
    return Passed(CheckId::kKey, "key.pem and certificate.pem are a pair");
  }
  return Failed(CheckId::kKey, ExitCode::kNotAuthenticated, "KEY_MISMATCH",
                "key.pem is the key of another certificate than "
                "certificate.pem; perhaps only one of the two was replaced",
                "put the two files of one issue there: entente profile renew "
                "--certificate FILE --key FILE");
}

// When to judge the chain, so that a leaf's dates are not told twice.
absl::Time JudgedAt(const certs::Certificate& leaf, absl::Time now) {
  if (now < leaf.NotBefore()) return leaf.NotBefore();
  if (now >= leaf.NotAfter()) return leaf.NotAfter() - absl::Seconds(1);
  return now;
}

Check CheckChain(const OwnFiles& files, absl::Time now) {
  if (files.chain.empty()) {
    return NotChecked(CheckId::kChain, CheckId::kFiles);
  }
  if (!files.root.has_value()) {
    Check check = NotChecked(CheckId::kChain, CheckId::kFiles);
    check.code = "NO_ROOT";
    check.why = "the profile has no root.pem to compare with";
    check.fix = "copy your agency's root certificate there";
    return check;
  }
  const certs::Certificate& root = *files.root;
  if (now < root.NotBefore() || now >= root.NotAfter()) {
    return Failed(
        CheckId::kChain, ExitCode::kNotAuthenticated, "ROOT_NOT_IN_DATE",
        absl::StrCat("the agency's root is valid from ",
                     InstantText(root.NotBefore()), " to ",
                     InstantText(root.NotAfter()), ", and it is ",
                     InstantText(now), " here"),
        "compare the clock with another one (date -u); if it is right, your "
        "agency needs a new root, a new version of each agreement that names "
        "it, and to be registered again");
  }
  const absl::Status verified =
      certs::VerifyChain(files.chain, root, JudgedAt(files.chain.front(), now),
                         certs::Usage::kAny);
  if (verified.ok()) {
    return Passed(CheckId::kChain,
                  absl::StrCat("it leads to ", root.SubjectText(), ", key ",
                               root.SpkiSha256()));
  }
  return Failed(
      CheckId::kChain, ExitCode::kNotAuthenticated, "WRONG_CHAIN",
      absl::StrCat("certificate.pem does not lead to root.pem (",
                   root.SubjectText(), "): ", verified.message()),
      "if root.pem is an old one, copy the root that issued the certificate "
      "there; if an authority stands between the two, append its certificate "
      "to certificate.pem; the broker and the agreements must name the same "
      "root");
}

Check CheckDates(const OwnFiles& files, absl::Time now) {
  if (files.chain.empty()) {
    return NotChecked(CheckId::kDates, CheckId::kFiles);
  }
  const certs::Certificate& leaf = files.chain.front();
  const std::string span = absl::StrCat(
      "it is valid from ", InstantText(leaf.NotBefore()), " to ",
      InstantText(leaf.NotAfter()), ", and it is ", InstantText(now), " here");
  if (now < leaf.NotBefore()) {
    return Failed(CheckId::kDates, ExitCode::kNotAuthenticated,
                  "CERTIFICATE_NOT_YET_VALID", span,
                  "compare this machine's clock with another one (date -u) and "
                  "set it if it is behind (timedatectl set-ntp true); "
                  "otherwise wait, or have one issued that is valid now");
  }
  if (now >= leaf.NotAfter()) {
    return Failed(CheckId::kDates, ExitCode::kNotAuthenticated,
                  "CERTIFICATE_EXPIRED", span,
                  absl::StrCat("compare this machine's clock with another one "
                               "(date -u); if it is right, ",
                               kRenew));
  }
  const auto warning = WarningOf({"CERTIFICATE_EXPIRES", "the certificate",
                                  leaf.NotAfter(), std::string(kRenew)},
                                 now);
  Check check =
      Passed(CheckId::kDates,
             absl::StrCat(DaysLeft(leaf.NotAfter(), now), " days left, until ",
                          InstantText(leaf.NotAfter())));
  if (warning.has_value()) {
    check.code = warning->code;
    check.why = warning->what;
    check.fix = warning->next;
  }
  return check;
}

// `serverAuth, emailProtection`, or what is known of it.
std::string UsageText(X509* leaf) {
  const uint32_t usage = X509_get_extended_key_usage(leaf);
  if (usage == UINT32_MAX) return "none";
  std::vector<absl::string_view> names;
  for (const auto& [flag, name] :
       std::initializer_list<std::pair<uint32_t, absl::string_view>>{
           {XKU_SSL_SERVER, "serverAuth"},
           {XKU_SSL_CLIENT, "clientAuth"},
           {XKU_SMIME, "emailProtection"},
           {XKU_CODE_SIGN, "codeSigning"},
           {XKU_OCSP_SIGN, "OCSPSigning"},
           {XKU_TIMESTAMP, "timeStamping"}}) {
    if ((usage & flag) != 0) names.push_back(name);
  }
  return names.empty() ? "something else" : absl::StrJoin(names, ", ");
}

Check CheckUsage(const OwnFiles& files) {
  if (files.chain.empty()) {
    return NotChecked(CheckId::kUsage, CheckId::kFiles);
  }
  X509* leaf = files.chain.front().handle();
  if (X509_check_purpose(leaf, X509_PURPOSE_SSL_CLIENT, 0) == 1) {
    return Passed(CheckId::kUsage, "it is for clients (clientAuth)");
  }
  return Failed(
      CheckId::kUsage, ExitCode::kNotAuthenticated, "WRONG_USAGE",
      absl::StrCat("the certificate is not for TLS clients; its extended key "
                   "usage is: ",
                   UsageText(leaf)),
      absl::StrCat("it must have the extended key usage clientAuth: ", kRenew));
}

Check CheckIdentity(const OwnFiles& files) {
  if (files.chain.empty() || !files.settings.has_value()) {
    return NotChecked(CheckId::kIdentity, CheckId::kFiles);
  }
  const ProfileSettings& settings = *files.settings;
  const bool is_operator = settings.role == ProfileRole::kOperator;
  const std::string wanted =
      is_operator
          ? absl::StrCat("spiffe://", settings.trust_domain, "/operator/NAME")
          : absl::StrCat("spiffe://", settings.trust_domain, "/agency/",
                         settings.agency, "/", ProfileRoleName(settings.role),
                         "/NAME");
  const std::string fix = absl::StrCat(
      "have a certificate issued whose only URI is ", wanted,
      ", or use the profile that this certificate is for (--profile)");
  const auto identity = files.chain.front().Identity();
  if (!identity.ok()) {
    return Failed(CheckId::kIdentity, ExitCode::kNotAuthenticated,
                  "NO_IDENTITY", identity.status().message(), fix);
  }
  const bool same =
      identity->trust_domain == settings.trust_domain &&
      (is_operator ? identity->kind == certs::Identity::Kind::kOperator
                   : identity->kind == certs::Identity::Kind::kAgency &&
                         identity->agency == settings.agency &&
                         certs::RoleName(identity->role) ==
                             ProfileRoleName(settings.role));
  if (same) return Passed(CheckId::kIdentity, identity->ToUri());
  return Failed(CheckId::kIdentity, ExitCode::kNotAuthenticated,
                "IDENTITY_DIFFERS",
                absl::StrCat("the certificate is for ", identity->ToUri(),
                             ", the profile for ", wanted),
                fix);
}

}  // namespace

std::vector<Check> ExamineFiles(const OwnFiles& files, absl::Time now) {
  return {files.check,
          CheckKey(files),
          CheckChain(files, now),
          CheckDates(files, now),
          CheckUsage(files),
          CheckIdentity(files)};
}

}  // namespace entente::client
