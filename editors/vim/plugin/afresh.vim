" A saved Python file is live in the program that runs: commands, and what the last save did. The server is run by ALE.

if exists('g:loaded_afresh') || v:version < 900
    finish
endif

let g:loaded_afresh = 1

command! AfreshStatus call afresh#Show()
command! AfreshReload call afresh#Reload()
command! -range AfreshRun call afresh#Run(<range>, <line1>, <line2>)
command! -nargs=? -complete=custom,afresh#Modes AfreshMode call afresh#Mode(<q-args>)
command! -nargs=1 AfreshTrack call afresh#Track(<q-args>)
command! -nargs=1 AfreshUntrack call afresh#Untrack(<q-args>)

augroup afresh
    autocmd!
    autocmd User ALELSPStarted call afresh#Attach()
augroup END
