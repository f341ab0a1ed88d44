; Per-user installer, no administrator needed:
;   makensis -DVERSION=0.2.0 -DDIST=dist\cmcdesk -DOUT=cmcdesk-setup.exe packaging\windows.nsi
Unicode true
!include "MUI2.nsh"
Name "cmcdesk"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\cmcdesk"
RequestExecutionLevel user
SetCompressor /SOLID lzma
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Japanese"
!define UNKEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\cmcdesk"
Section
  SetOutPath "$INSTDIR"
  File /r "${DIST}/*"
  CreateShortCut "$SMPROGRAMS\cmcdesk.lnk" "$INSTDIR\cmcdesk.exe"
  CreateShortCut "$DESKTOP\cmcdesk.lnk" "$INSTDIR\cmcdesk.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNKEY}" "DisplayName" "cmcdesk"
  WriteRegStr HKCU "${UNKEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNKEY}" "UninstallString" "$\"$INSTDIR\uninstall.exe$\""
SectionEnd
Section "Uninstall"
  Delete "$SMPROGRAMS\cmcdesk.lnk"
  Delete "$DESKTOP\cmcdesk.lnk"
  RMDir /r "$INSTDIR"
  DeleteRegKey HKCU "${UNKEY}"
SectionEnd
