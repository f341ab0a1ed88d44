; Per-user installer, no administrator needed:
;   makensis -DVERSION=0.2.0 -DDIST=dist\cmcdesk -DOUT=cmcdesk-setup.exe packaging\windows.nsi
; It compiles with Debian's makensis; nobody has run it.
Unicode true
!include "MUI2.nsh"
!include "FileFunc.nsh"
!define UNKEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\cmcdesk"
Name "cmcdesk"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\cmcdesk"
InstallDirRegKey HKCU "${UNKEY}" "InstallLocation"
RequestExecutionLevel user
SetCompressor /SOLID lzma
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "cmcdesk"
VIAddVersionKey "FileDescription" "cmcdesk setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "the cmcdesk contributors"
!define WEBVIEW2 "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\cmcdesk.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Japanese"
LangString RUNNING ${LANG_ENGLISH} "cmcdesk is running. Close it, then try again."
LangString RUNNING ${LANG_JAPANESE} "cmcdesk が動いています。終了してから、もう一度お試しください。"
LangString NO_WEBVIEW ${LANG_ENGLISH} "Microsoft Edge WebView2, which shows the window, was not found. \
  Without it cmcdesk opens in the browser. It is at https://developer.microsoft.com/microsoft-edge/webview2/"
LangString NO_WEBVIEW ${LANG_JAPANESE} "ウィンドウの表示に使う Microsoft Edge WebView2 が見つかりません。\
  ない場合、cmcdesk はブラウザで開きます。入手先: https://developer.microsoft.com/microsoft-edge/webview2/"

Function .onInit
  ; a program that runs keeps its file open for writing by nobody else
  IfFileExists "$INSTDIR\cmcdesk.exe" 0 done
  ClearErrors
  FileOpen $0 "$INSTDIR\cmcdesk.exe" a
  IfErrors 0 free
  MessageBox MB_ICONEXCLAMATION "$(RUNNING)"
  Abort
free:
  FileClose $0
done:
FunctionEnd

Section
  RMDir /r "$INSTDIR\_internal" ; of an older version
  SetOutPath "$INSTDIR"
  File /r "${DIST}/*"
  CreateShortCut "$SMPROGRAMS\cmcdesk.lnk" "$INSTDIR\cmcdesk.exe"
  CreateShortCut "$DESKTOP\cmcdesk.lnk" "$INSTDIR\cmcdesk.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNKEY}" "DisplayName" "cmcdesk"
  WriteRegStr HKCU "${UNKEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNKEY}" "DisplayIcon" "$INSTDIR\cmcdesk.exe"
  WriteRegStr HKCU "${UNKEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNKEY}" "UninstallString" "$\"$INSTDIR\uninstall.exe$\""
  WriteRegDWORD HKCU "${UNKEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNKEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNKEY}" "EstimatedSize" $0
  ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\${WEBVIEW2}" "pv"
  ReadRegStr $1 HKCU "Software\${WEBVIEW2}" "pv"
  StrCmp "$0$1" "" 0 +2
  MessageBox MB_ICONINFORMATION "$(NO_WEBVIEW)"
SectionEnd

Section "Uninstall"
  Delete "$SMPROGRAMS\cmcdesk.lnk"
  Delete "$DESKTOP\cmcdesk.lnk"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\cmcdesk.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${UNKEY}"
SectionEnd
