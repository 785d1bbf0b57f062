#include "tests/world/world.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace entente::world {
namespace {

using nlohmann::json;

// A guard against hanging, not an expectation.
constexpr absl::Duration kPatience = absl::Minutes(3);

absl::Status Failed(const std::vector<std::string>& words,
                    const Finished& finished) {
  return absl::InternalError(
      absl::StrCat("`entente ", absl::StrJoin(words, " "), "` ended with ",
                   finished.exit_code, "\n", finished.err, finished.out));
}

}  // namespace

std::string AgencyUri(const std::string& agency, const std::string& role,
                      const std::string& name) {
  return absl::StrCat("spiffe://", kTrustDomain, "/agency/", agency, "/", role,
                      "/", name);
}

std::string World::Path(const std::string& rest) const {
  return absl::StrCat(settings.folder, "/", rest);
}

std::string World::Profile(const std::string& agency,
                           const std::string& name) const {
  return Path(absl::StrCat(agency, "/", name));
}

void World::Tell(const std::string& text) const {
  if (settings.narrate) std::cout << text << std::endl;
}

absl::StatusOr<Finished> World::RunEntente(
    const std::string& profile, const std::vector<std::string>& words) {
  std::vector<std::string> command = {settings.entente, "--no-input"};
  if (!profile.empty()) {
    command.push_back("--profile");
    command.push_back(profile);
  }
  command.insert(command.end(), words.begin(), words.end());
  const std::string shown = absl::StrReplaceAll(
      absl::StrJoin(words, " "), {{absl::StrCat(settings.folder, "/"), ""}});
  const std::string who =
      profile.empty()
          ? ""
          : absl::StrCat(
                absl::StrReplaceAll(profile,
                                    {{absl::StrCat(settings.folder, "/"), ""}}),
                " ");
  Tell(absl::StrCat("  ", who, "$ entente ", shown));
  return RunProgram(command);
}

absl::StatusOr<json> World::Entente(const std::string& profile,
                                    std::vector<std::string> words,
                                    int also_ok) {
  words.push_back("-o");
  words.push_back("json");
  const absl::StatusOr<Finished> finished = RunEntente(profile, words);
  if (!finished.ok()) return finished.status();
  if (finished->exit_code != 0 && finished->exit_code != also_ok) {
    return Failed(words, *finished);
  }
  // An error is one line of JSON on standard error, after any talk.
  const std::string text =
      finished->out.empty()
          ? finished->err.substr(
                std::min(finished->err.find('{'), finished->err.size()))
          : finished->out;
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return Failed(words, *finished);
  value["exit_code"] = finished->exit_code;
  return value;
}

absl::StatusOr<std::string> World::EntenteText(const std::string& profile,
                                               std::vector<std::string> words) {
  const absl::StatusOr<Finished> finished = RunEntente(profile, words);
  if (!finished.ok()) return finished.status();
  if (finished->exit_code != 0) return Failed(words, *finished);
  return finished->out;
}

absl::StatusOr<std::string> World::MakeAuthority(const std::string& who,
                                                 const std::string& name) {
  const absl::StatusOr<json> made = Entente(
      "", {"ca", "init", Path(absl::StrCat(who, "/ca")), "--name", name});
  if (!made.ok()) return made.status();
  return made->at("root_spki").get<std::string>();
}

absl::Status World::Issue(const std::string& who, const std::string& uri,
                          const std::string& folder,
                          std::vector<std::string> more) {
  std::vector<std::string> words = {
      "ca",    "issue",     Path(absl::StrCat(who, "/ca")), "--uri", uri,
      "--out", Path(folder)};
  words.insert(words.end(), more.begin(), more.end());
  return Entente("", std::move(words)).status();
}

std::vector<std::string> World::BrokerCommand(
    const std::string& listen,
    const std::vector<std::pair<std::string, std::string>>& more) const {
  std::map<std::string, std::string> flags = {
      {"--data", Path("operator/data")},
      {"--listen", listen},
      {"--name", kBrokerName},
      {"--trust-domain", kTrustDomain},
      {"--certificate", Path("operator/broker-certificate/certificate.pem")},
      {"--private-key", Path("operator/broker-certificate/key.pem")},
      {"--operator-root", Path("operator/ca/root.pem")},
      {"--passphrase-file", Path("operator/passphrase")}};
  for (const auto& [flag, value] : more) flags[flag] = value;
  std::vector<std::string> command = {settings.entente_broker};
  for (const auto& [flag, value] : flags) {
    command.push_back(flag);
    command.push_back(value);
  }
  return command;
}

absl::Status World::StartBroker(const std::string& listen) {
  auto started =
      Background::Start(BrokerCommand(listen), Path("operator/broker.log"));
  if (!started.ok()) return started.status();
  broker = *std::move(started);
  // The broker's own log says when it serves, and where.
  json serving;
  const auto line = broker->WaitForLine(
      [&serving](const std::string& said) {
        serving = json::parse(said, nullptr, /*allow_exceptions=*/false);
        return serving.is_object() && serving.value("event", "") == "serving";
      },
      kPatience);
  if (!line.ok()) {
    return absl::InternalError(
        absl::StrCat("the broker did not start: ", line.status().message()));
  }
  address = serving.at("address").get<std::string>();
  facts.ledger_key = serving.at("ledger_key").get<std::string>();
  return absl::OkStatus();
}

absl::Status World::InitProfile(const std::string& folder,
                                const std::string& certificate,
                                const std::string& who) {
  return Entente(folder,
                 {"profile", "init", "--broker", address, "--broker-name",
                  kBrokerName, "--broker-root", Path("operator/ca/root.pem"),
                  "--ledger-key", facts.ledger_key, "--certificate",
                  absl::StrCat(certificate, "/certificate.pem"), "--key",
                  absl::StrCat(certificate, "/key.pem"), "--root",
                  Path(absl::StrCat(who, "/ca/root.pem"))})
      .status();
}

absl::Status World::MakeProfile(const std::string& agency,
                                const std::string& role,
                                const std::string& name) {
  const bool is_operator = role == "operator";
  const std::string certificate = absl::StrCat(agency, "/certificates/", name);
  if (absl::Status issued = Issue(
          agency,
          is_operator
              ? absl::StrCat("spiffe://", kTrustDomain, "/operator/", name)
              : AgencyUri(agency, role, name),
          certificate);
      !issued.ok()) {
    return issued;
  }
  return InitProfile(Profile(agency, name), Path(certificate), agency);
}

absl::Status World::Build() {
  facts.today = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone());
  facts.broker_name = kBrokerName;
  for (const char* who : {"operator", kLeft, kRight, kInspector}) {
    std::filesystem::create_directories(Path(who));
  }
  Tell("\n1. Every agency makes a certificate authority of its own.\n");
  auto operator_root = MakeAuthority("operator", "Demo broker");
  if (!operator_root.ok()) return operator_root.status();
  const std::pair<const char*, std::string*> roots[] = {
      {kLeft, &facts.left_root},
      {kRight, &facts.right_root},
      {kInspector, &facts.inspector_root}};
  for (const auto& [agency, root] : roots) {
    auto made = MakeAuthority(agency, agency);
    if (!made.ok()) return made.status();
    *root = *made;
  }
  Tell(
      "\n2. The operator starts the broker. It tells its ledger key; everyone "
      "pins it.\n");
  if (absl::Status issued = Issue(
          "operator",
          absl::StrCat("spiffe://", kTrustDomain, "/broker/", kBrokerName),
          "operator/broker-certificate", {"--ip", "127.0.0.1"});
      !issued.ok()) {
    return issued;
  }
  {
    std::ofstream passphrase(Path("operator/passphrase"));
    passphrase << "a passphrase, made for " << settings.folder << "\n";
  }
  std::filesystem::permissions(
      Path("operator/passphrase"),
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  if (absl::Status started = StartBroker(); !started.ok()) return started;
  Tell(absl::StrCat("  the broker serves at ", address, ", ledger key ",
                    facts.ledger_key));
  Tell(
      "\n3. Certificates and profiles. An agency's system makes its data keys "
      "itself.\n");
  const std::array<std::array<const char*, 3>, 9> people = {{
      {"operator", "operator", "duty"},
      {kLeft, "system", "system"},
      {kLeft, "signatory", "acc-crime"},
      {kLeft, "signatory", "siro"},
      {kLeft, "auditor", "auditor"},
      {kRight, "system", "system"},
      {kRight, "signatory", "acc-crime"},
      {kRight, "signatory", "siro"},
      {kInspector, "auditor", "auditor"},
  }};
  for (const auto& [agency, role, name] : people) {
    if (absl::Status made = MakeProfile(agency, role, name); !made.ok()) {
      return made;
    }
  }
  return absl::OkStatus();
}

absl::Status World::Register() {
  Tell("\n4. The operator registers the agencies with their roots.\n");
  const std::pair<const char*, const char*> agencies[] = {
      {kLeft, "Northmere Police"},
      {kRight, "Westvale Police"},
      {kInspector, "Policing Inspectorate"}};
  for (const auto& [agency, name] : agencies) {
    if (const auto added =
            Entente(Profile("operator", "duty"),
                    {"agency", "add", agency, "--name", name, "--root",
                     Path(absl::StrCat(agency, "/ca/root.pem"))});
        !added.ok()) {
      return added.status();
    }
  }
  Tell(
      "\n5. Each system asks for its keys to be endorsed; a signatory "
      "signs and publishes them.\n");
  for (const char* agency : {kLeft, kRight}) {
    if (absl::Status done = PublishKeys(agency); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status World::PublishKeys(const std::string& agency) {
  const std::string request = Path(absl::StrCat(agency, "/keys.json"));
  if (const auto made = Entente(Profile(agency, "system"),
                                {"keys", "request", "--out", request});
      !made.ok()) {
    return made.status();
  }
  return Entente(Profile(agency, "siro"), {"keys", "publish", request})
      .status();
}

absl::StatusOr<std::string> World::AddAgency(const std::string& agency,
                                             const std::string& name) {
  std::filesystem::create_directories(Path(agency));
  auto root = MakeAuthority(agency, name);
  if (!root.ok()) return root;
  absl::Status done = MakeProfile(agency, "system", "system");
  if (done.ok()) done = MakeProfile(agency, "signatory", "siro");
  if (done.ok()) {
    done = Entente(Profile("operator", "duty"),
                   {"agency", "add", agency, "--name", name, "--root",
                    Path(absl::StrCat(agency, "/ca/root.pem"))})
               .status();
  }
  if (done.ok()) done = PublishKeys(agency);
  if (!done.ok()) return done;
  return root;
}

absl::Status World::Agree(const std::string& document) {
  Tell(
      "\n6. The agreement: checked, proposed, shown in plain words, and "
      "signed by every party.\n");
  const std::string file = Path("agreement.yaml");
  std::ofstream(file) << document;
  const std::string proposer = Profile(kLeft, "siro");
  if (const auto checked = Entente(proposer, {"agreement", "check", file});
      !checked.ok()) {
    return checked.status();
  }
  const auto proposed = Entente(proposer, {"agreement", "propose", file});
  if (!proposed.ok()) return proposed.status();
  const std::string digest = proposed->at("digest").get<std::string>();
  const auto words =
      EntenteText(Profile(kRight, "siro"),
                  {"agreement", "show", kAgreement, "--as", "words"});
  if (!words.ok()) return words.status();
  Tell(absl::StrCat("\n", *words));
  std::string state;
  for (const char* agency : {kLeft, kRight}) {
    for (const char* name : {"acc-crime", "siro"}) {
      const auto was =
          Entente(Profile(agency, name),
                  {"agreement", "sign", kAgreement, "--digest", digest});
      if (!was.ok()) return was.status();
      state = was->at("state").get<std::string>();
    }
  }
  if (state != "active") {
    return absl::InternalError(
        absl::StrCat("every party has signed and the agreement is ", state));
  }
  Tell("  every signature is in; the agreement is active");
  return absl::OkStatus();
}

}  // namespace entente::world
