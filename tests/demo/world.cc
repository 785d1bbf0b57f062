#include "tests/demo/world.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace entente::demo {
namespace {

using nlohmann::json;

std::string AgencyUri(const std::string& agency, const std::string& role,
                      const std::string& name) {
  return absl::StrCat("spiffe://", kTrustDomain, "/agency/", agency, "/", role,
                      "/", name);
}

absl::Status Failed(const std::vector<std::string>& words,
                    const Finished& finished) {
  return absl::InternalError(
      absl::StrCat("`entente ", absl::StrJoin(words, " "), "` ended with ",
                   finished.exit_code, "\n", finished.err, finished.out));
}

}  // namespace

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
  std::vector<std::string> command = {
      absl::StrCat(settings.programs, "/entente"), "--no-input"};
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

absl::Status World::StartBroker() {
  const std::string log = Path("operator/broker.log");
  {
    std::ofstream passphrase(Path("operator/passphrase"));
    passphrase << "a demo's passphrase, made for " << settings.folder << "\n";
  }
  std::filesystem::permissions(
      Path("operator/passphrase"),
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  absl::StatusOr<Background> started = Background::Start(
      {absl::StrCat(settings.programs, "/entente-broker"), "--data",
       Path("operator/data"), "--listen", "127.0.0.1:0", "--name", kBrokerName,
       "--trust-domain", kTrustDomain, "--certificate",
       Path("operator/broker-certificate/certificate.pem"), "--private-key",
       Path("operator/broker-certificate/key.pem"), "--operator-root",
       Path("operator/ca/root.pem"), "--passphrase-file",
       Path("operator/passphrase")},
      log);
  if (!started.ok()) return started.status();
  broker.emplace(*std::move(started));
  // The broker's own log says when it serves, and where.
  for (int tries = 0; tries < 600 && broker->Running(); ++tries) {
    std::ifstream lines(log);
    for (std::string line; std::getline(lines, line);) {
      const json event = json::parse(line, nullptr, false);
      if (!event.is_object() || event.value("event", "") != "serving") continue;
      address = event.at("address").get<std::string>();
      facts.ledger_key = event.at("ledger_key").get<std::string>();
      return absl::OkStatus();
    }
    usleep(50000);
  }
  std::ifstream lines(log);
  return absl::InternalError(
      absl::StrCat("the broker did not start:\n",
                   std::string((std::istreambuf_iterator<char>(lines)),
                               std::istreambuf_iterator<char>())));
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
  return Entente(Profile(agency, name),
                 {"profile", "init", "--broker", address, "--broker-name",
                  kBrokerName, "--broker-root", Path("operator/ca/root.pem"),
                  "--ledger-key", facts.ledger_key, "--certificate",
                  Path(absl::StrCat(certificate, "/certificate.pem")), "--key",
                  Path(absl::StrCat(certificate, "/key.pem")), "--root",
                  Path(absl::StrCat(agency, "/ca/root.pem"))})
      .status();
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

}  // namespace entente::demo
