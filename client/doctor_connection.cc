#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/identity.h"
#include "client/doctor.h"
#include "client/expiry.h"

namespace entente::client {
namespace {

std::string BrokerUri(const ProfileSettings& settings) {
  return absl::StrCat("spiffe://", settings.trust_domain, "/broker/",
                      settings.broker_name);
}

std::string FixAddress(const ProfileSettings& settings) {
  return absl::StrCat(
      "the profile says broker_address: ", settings.broker_address,
      "; if that is wrong, correct it in profile.yaml");
}

Check ExamineNetwork(const ProfileSettings& settings,
                     const TlsFinding& finding) {
  const auto fail = [&](absl::string_view code, absl::string_view fix) {
    return Failed(CheckId::kNetwork, ExitCode::kUnavailable, code,
                  finding.detail, fix);
  };
  switch (finding.outcome) {
    case TlsOutcome::kBadAddress:
      return fail("BAD_ADDRESS", FixAddress(settings));
    case TlsOutcome::kNameNotFound:
      return fail("NAME_NOT_FOUND",
                  absl::StrCat(FixAddress(settings),
                               "\nif it is right, this machine's DNS does not "
                               "know the name: compare with `getent hosts "
                               "NAME`, and call who runs your network"));
    case TlsOutcome::kNobodyListens:
      return fail("NO_ONE_LISTENS",
                  absl::StrCat("the machine is there, and no program listens "
                               "on the port: the broker is stopped, or on "
                               "another port; call the broker's operator "
                               "(systemctl status entente-broker)\n",
                               FixAddress(settings)));
    case TlsOutcome::kNoRoute:
      return fail("UNREACHABLE",
                  "this machine has no way there: check its network cable, "
                  "VPN and routes (ip route get ADDRESS)");
    case TlsOutcome::kNoAnswer:
      return fail(
          "NO_ANSWER",
          "nothing came back: the machine is off, or a firewall drops "
          "the packets; ask who runs the firewall whether this machine "
          "may reach that address and port, then the broker's operator");
    default:
      return Passed(CheckId::kNetwork,
                    absl::StrCat("connected to ", finding.peer));
  }
}

Check ExamineTls(const ProfileSettings& settings, const TlsFinding& finding) {
  const auto fail = [&](absl::string_view code, absl::string_view why,
                        absl::string_view fix) {
    return Failed(CheckId::kTls, ExitCode::kUnavailable, code,
                  finding.detail.empty()
                      ? std::string(why)
                      : absl::StrCat(why, " (", finding.detail, ")"),
                  fix);
  };
  const std::string address = FixAddress(settings);
  switch (finding.outcome) {
    case TlsOutcome::kNotTls:
      return fail(
          "NOT_TLS",
          absl::StrCat("what answers at ", finding.peer, " does not speak TLS"),
          absl::StrCat("it is another service, or a proxy in between; ",
                       address));
    case TlsOutcome::kOldTls:
      return fail(
          "OLD_TLS", "the other side offers no TLS 1.3",
          absl::StrCat("a broker always does, so it is another service, "
                       "or a proxy that opens TLS: ask who runs the "
                       "network to pass it through untouched; ",
                       address));
    case TlsOutcome::kSilent:
      if (!finding.chain.empty()) break;
      return fail("TLS_NO_ANSWER",
                  "it accepted the connection and then said nothing",
                  absl::StrCat("it is another service, a load balancer without "
                               "a broker behind it, or a broker that hangs: "
                               "call its operator; ",
                               address));
    case TlsOutcome::kClosedEarly:
      return fail("CLOSED_EARLY",
                  "it closed the connection before it showed a certificate",
                  absl::StrCat("a load balancer without a broker behind it, or "
                               "a broker that has too many connections or is "
                               "stopping: try again in a minute, then call its "
                               "operator; ",
                               address));
    case TlsOutcome::kHandshakeError:
      return fail(
          "HANDSHAKE_FAILED", "the TLS handshake failed",
          absl::StrCat("give this line to the broker's operator; ", address));
    case TlsOutcome::kNotHttp2:
      return fail("NOT_A_BROKER", "it speaks TLS, but not HTTP/2",
                  absl::StrCat("it is another service; ", address));
    default:
      break;
  }
  return Passed(CheckId::kTls, "TLS 1.3");
}

// A certificate of the broker that is out of date, by this machine's clock.
absl::optional<Check> JudgeDates(absl::Span<const certs::Certificate> chain,
                                 const certs::Certificate& root,
                                 absl::Time now) {
  for (const certs::Certificate* one : {&chain[0], &root}) {
    if (now >= one->NotBefore() && now < one->NotAfter()) continue;
    const bool early = now < one->NotBefore();
    return Failed(
        CheckId::kBroker, ExitCode::kUnavailable,
        early ? "BROKER_CERTIFICATE_NOT_YET_VALID"
              : "BROKER_CERTIFICATE_EXPIRED",
        absl::StrCat(one == &root ? "the broker's root" : "its certificate",
                     " is valid from ", InstantText(one->NotBefore()), " to ",
                     InstantText(one->NotAfter()), ", and it is ",
                     InstantText(now), " here"),
        "compare this machine's clock with another one (date -u) and set it if "
        "it is wrong (timedatectl set-ntp true)\nif it is right, call the "
        "broker's operator: he must renew the broker's certificate");
  }
  return absl::nullopt;
}

}  // namespace

Check JudgeBroker(const OwnFiles& files,
                  absl::Span<const certs::Certificate> chain, absl::Time now) {
  if (!files.broker_root.has_value() || !files.settings.has_value()) {
    return NotChecked(CheckId::kBroker, CheckId::kFiles);
  }
  const std::string wanted = BrokerUri(*files.settings);
  if (chain.empty()) {
    return Failed(CheckId::kBroker, ExitCode::kVerificationFailed,
                  "NO_CERTIFICATE", "it showed no certificate",
                  FixAddress(*files.settings));
  }
  const certs::Certificate& root = *files.broker_root;
  const bool in_date = now >= chain[0].NotBefore() && now < chain[0].NotAfter();
  const absl::Status verified = certs::VerifyChain(
      chain, root, in_date ? now : chain[0].NotBefore(), certs::Usage::kServer);
  if (!verified.ok() && !(now < root.NotBefore() || now >= root.NotAfter())) {
    return Failed(
        CheckId::kBroker, ExitCode::kVerificationFailed, "WRONG_BROKER_ROOT",
        absl::StrCat(
            "the certificate that it shows (", chain[0].SubjectText(),
            ", fingerprint ", chain[0].Fingerprint(),
            ") does not lead to broker-root.pem: ", verified.message()),
        absl::StrCat("do not go on: it may be another server in the broker's "
                     "place; ask the operator by telephone for the "
                     "fingerprint\nif the broker has a new root, get that "
                     "root from him, compare it, and put it into "
                     "broker-root.pem; ",
                     FixAddress(*files.settings)));
  }
  if (auto dates = JudgeDates(chain, root, now); dates.has_value()) {
    return *std::move(dates);
  }
  const auto identity = chain[0].Identity();
  const std::string found = identity.ok()
                                ? identity->ToUri()
                                : std::string(identity.status().message());
  if (found == wanted) return Passed(CheckId::kBroker, wanted);
  return Failed(CheckId::kBroker, ExitCode::kVerificationFailed,
                "WRONG_BROKER_NAME",
                absl::StrCat("this is ", found, ", not ", wanted),
                absl::StrCat("it is another broker of the same root, or "
                             "broker_name or trust_domain in profile.yaml is "
                             "wrong; ",
                             FixAddress(*files.settings)));
}

std::vector<Check> ExamineConnection(const OwnFiles& files,
                                     const TlsFinding& finding,
                                     absl::Time now) {
  const ProfileSettings& settings = *files.settings;
  std::vector<Check> checks = {ExamineNetwork(settings, finding)};
  if (checks[0].state != CheckState::kOk) {
    checks.push_back(NotChecked(CheckId::kTls, CheckId::kNetwork));
    checks.push_back(NotChecked(CheckId::kBroker, CheckId::kNetwork));
    return checks;
  }
  checks.push_back(ExamineTls(settings, finding));
  // A certificate that was shown tells more than what went wrong after it.
  if (checks[1].state != CheckState::kOk && finding.chain.empty()) {
    checks.push_back(NotChecked(CheckId::kBroker, CheckId::kTls));
    return checks;
  }
  checks.push_back(JudgeBroker(files, finding.chain, now));
  return checks;
}

}  // namespace entente::client
