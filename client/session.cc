#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli.h"
#include "client/durable_file.h"

namespace entente::client {

absl::StatusOr<std::string> Session::ProfileFolder() const {
  return ChooseProfile({.option = profile_option_,
                        .environment = environment_.profile,
                        .base = environment_.config,
                        .mutating = effect_ == Effect::kMutates});
}

absl::StatusOr<Profile> Session::OpenProfile() {
  const absl::StatusOr<std::string> folder = ProfileFolder();
  if (!folder.ok()) return folder.status();
  absl::StatusOr<Profile> profile = Profile::Open(*folder);
  if (!profile.ok()) return profile.status();
  const ProfileSettings& settings = profile->settings();
  output_.Say(absl::StrCat(
      "profile: ", profile->name(), " (",
      settings.agency.empty() ? "" : absl::StrCat(settings.agency, ", "),
      ProfileRoleName(settings.role), ", broker ", settings.broker_address,
      ")"));
  return profile;
}

absl::StatusOr<std::string> Session::NewProfileFolder(
    absl::string_view name) const {
  ProfileChoice choice = {
      .option = name.empty() ? profile_option_ : std::string(name),
      .environment = environment_.profile,
      .base = environment_.config};
  if (choice.option.empty() && choice.environment.empty()) {
    return UsageError("a new profile needs a name",
                      "entente profile init NAME --help");
  }
  return ChooseProfile(choice);
}

absl::Status Session::Confirm(absl::string_view question,
                              absl::string_view wanted,
                              absl::string_view instead) {
  if (!environment_.interactive) {
    return UsageError("this needs a confirmation, and nobody can be asked",
                      instead);
  }
  output_.Ask(absl::StrCat(question, " [", wanted, "] "));
  std::string answer;
  std::getline(in_, answer);
  if (absl::StripAsciiWhitespace(answer) == wanted) return absl::OkStatus();
  return ToStatus({.what = "not confirmed; nothing was done",
                   .next = absl::StrCat("answer ", wanted, " to go on"),
                   .code = "NOT_CONFIRMED"});
}

absl::StatusOr<std::string> ReadInput(Session& session, const std::string& file,
                                      size_t max_bytes) {
  if (file != "-") return ReadFile(file, max_bytes);
  std::string content;
  std::array<char, 16384> buffer;
  while (session.in()) {
    session.in().read(buffer.data(), buffer.size());
    content.append(buffer.data(), static_cast<size_t>(session.in().gcount()));
    if (content.size() > max_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("standard input is larger than ", max_bytes, " bytes"));
    }
  }
  return content;
}

}  // namespace entente::client
