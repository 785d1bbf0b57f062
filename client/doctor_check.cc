#include "client/doctor_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace entente::client {
namespace {

struct Text {
  absl::string_view id;
  absl::string_view name;
};

constexpr Text kTexts[kChecks] = {
    {"files", "the profile's files are there, and private ones are private"},
    {"key", "the private key belongs to the certificate"},
    {"chain", "the certificate leads to the agency's root"},
    {"dates", "the certificate is in date"},
    {"usage", "the certificate may be shown by a client"},
    {"identity", "the certificate names this profile's owner, and no other"},
    {"network", "something answers at the broker's address"},
    {"tls", "it speaks TLS 1.3 and HTTP/2"},
    {"broker", "it is the broker of this profile"},
    {"registered", "the broker accepts this certificate and role"},
    {"clock", "this machine's clock agrees with the broker's"},
    {"agreements", "agreements are in force"},
};

const Text& TextOf(CheckId id) { return kTexts[static_cast<size_t>(id)]; }

// What people read; scripts get StateText.
absl::string_view Word(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return "ok";
    case CheckState::kNotOk:
      return "NOT OK";
    case CheckState::kNotChecked:
      return "not checked";
  }
  return "";
}

}  // namespace

absl::string_view IdText(CheckId id) { return TextOf(id).id; }
absl::string_view NameText(CheckId id) { return TextOf(id).name; }

absl::string_view StateText(CheckState state) {
  switch (state) {
    case CheckState::kOk:
      return "ok";
    case CheckState::kNotOk:
      return "not_ok";
    case CheckState::kNotChecked:
      return "not_checked";
  }
  return "";
}

Check Passed(CheckId id, absl::string_view why) {
  return {id, CheckState::kOk, "OK", std::string(why), "", ExitCode::kOk};
}

Check Failed(CheckId id, ExitCode exit, absl::string_view code,
             absl::string_view why, absl::string_view fix) {
  return {id,
          CheckState::kNotOk,
          std::string(code),
          std::string(why),
          std::string(fix),
          exit};
}

Check NotChecked(CheckId id, CheckId because) {
  return {id,
          CheckState::kNotChecked,
          "NOT_CHECKED",
          absl::StrCat("it needs `", IdText(because), "` to be ok first"),
          "",
          ExitCode::kOk};
}

Record ToRecord(const Check& check) {
  return {{"id", IdText(check.id)},
          {"name", NameText(check.id)},
          {"state", StateText(check.state)},
          {"code", check.code},
          {"why", check.why},
          {"fix", check.fix}};
}

std::string ChecksText(const std::vector<Check>& checks) {
  constexpr absl::string_view kIndent = "             ";
  std::string text;
  for (const Check& check : checks) {
    absl::StrAppend(
        &text, absl::StrFormat("%-11s  %-10s  %s\n", Word(check.state),
                               IdText(check.id),
                               absl::StrReplaceAll(check.why, {{"\n", " "}})));
    if (check.fix.empty()) continue;
    absl::StrAppend(
        &text, kIndent, check.state == CheckState::kOk ? "soon: " : "fix: ",
        absl::StrReplaceAll(check.fix,
                            {{"\n", absl::StrCat("\n", kIndent, "     ")}}),
        "\n");
  }
  return text;
}

absl::Status Verdict(const std::vector<Check>& checks) {
  const auto failed = [](const Check& check) {
    return check.state == CheckState::kNotOk;
  };
  const auto first = std::find_if(checks.begin(), checks.end(), failed);
  if (first == checks.end()) return absl::OkStatus();
  const auto count = std::count_if(checks.begin(), checks.end(), failed);
  return ToStatus(
      {.what = absl::StrCat(count, " of ", checks.size(),
                            count == 1 ? " checks is not ok: "
                                       : " checks are not ok, the first: ",
                            IdText(first->id)),
       .why = first->why,
       .next = absl::StrReplaceAll(first->fix, {{"\n", "; "}}),
       .code = first->code,
       .exit = first->exit});
}

}  // namespace entente::client
