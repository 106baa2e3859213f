;;; afresh.el --- A saved Python file is live in the program that runs -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0
;; Version: 0.1
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages, tools

;;; Commentary:

;; Registers the language server `afresh lsp' for Python with eglot and with lsp-mode, whichever is loaded, and shows in
;; the mode line what the last save did to the running programs: `M-x afresh-status', or a click there, says it in full.

;;; Code:

(require 'cl-lib)
(require 'seq)
(require 'subr-x)
(require 'url-util)

(defgroup afresh nil
  "Saved files are live in the program that runs."
  :group 'tools)

(defcustom afresh-command '("afresh" "lsp")
  "The server's command line."
  :type '(repeat string))

(defcustom afresh-settings nil
  "The server's settings as a property list, e.g. (:policy \"exact\")."
  :type 'plist)

(defconst afresh--modes '("off" "explicit" "all"))

(defconst afresh--words '(("rolledBack" . "rolled back"))
  "Outcomes that are written otherwise than the server names them.")

(defvar afresh--states (make-hash-table :test #'eq :weakness 'key)
  "What is known of each server: a property list with :mode, :report and :programs.")

;;; What `reload/status' said. Messages are property lists with eglot, hash tables with lsp-mode.

(defun afresh--get (object key)
  "The member KEY, a string, of a JSON OBJECT."
  (if (hash-table-p object) (gethash key object) (plist-get object (intern (concat ":" key)))))

(defun afresh--list (object key)
  "The member KEY of a JSON OBJECT, an array, as a list."
  (append (afresh--get object key) nil))

(defun afresh--take (server report)
  "Keep what SERVER says in REPORT, unless a newer reload has overtaken it."
  (let* ((state (gethash server afresh--states))
         (last (plist-get state :report))
         (programs (length (afresh--list report "hosts"))))
    (when (equal (afresh--get report "version") 1)
      (cond ((equal (afresh--get report "phase") "hosts")
             (setq state (plist-put state :programs programs)))
            ((or (null last) (>= (afresh--get report "sequence") (afresh--get last "sequence")))
             (setq state (plist-put state :report report))
             (when (> programs (or (plist-get state :programs) 0))
               (setq state (plist-put state :programs programs)))))
      (puthash server state afresh--states)
      (force-mode-line-update t))))

(defun afresh--stale (report)
  "How many stale references REPORT counts."
  (apply #'+ (mapcar (lambda (host) (or (afresh--get host "staleTotal") 0)) (afresh--list report "hosts"))))

(defun afresh--outcome (object)
  "The outcome of a report or of one of its modules, in words."
  (let ((outcome (afresh--get object "outcome")))
    (if (and (equal outcome "stale") (> (afresh--stale object) 0))
        (format "%d stale" (afresh--stale object))
      (or (cdr (assoc outcome afresh--words)) outcome))))

(defun afresh--mode (state)
  "The mode that a server with STATE is in, as far as we set it."
  (or (plist-get state :mode) (plist-get afresh-settings :mode) "all"))

(defun afresh--short (state)
  "STATE in a few words, for the mode line."
  (let* ((mode (afresh--mode state))
         (report (plist-get state :report))
         (outcome (and report (afresh--get report "outcome"))))
    (concat
     "afresh: "
     (cond ((equal mode "off") "off")
           ((equal outcome "blocked") "blocked")
           ((eql (plist-get state :programs) 0) "no program")
           ((or (null report) (null (afresh--list report "hosts"))) "ready")
           (t (afresh--outcome report)))
     (if (equal mode "explicit") " (explicit)" ""))))

(defun afresh--module-lines (module)
  "What became of a MODULE."
  (let ((because (afresh--get module "because"))
        (failure (afresh--get module "error")))
    (append
     (list (format "    %s: %s, generation %d%s" (afresh--get module "name") (afresh--outcome module)
                   (afresh--get module "generation")
                   (if (equal (afresh--get because "kind") "dependent")
                       (format " (uses %s)" (afresh--get because "of"))
                     "")))
     (mapcar (lambda (change)
               (format "      not applied: %s: %s" (afresh--get change "symbol")
                       (or (afresh--get change "reason") (afresh--get change "change"))))
             (seq-filter (lambda (change) (memq (afresh--get change "applied") '(nil :json-false)))
                         (afresh--list module "changes")))
     (and failure (list (format "      %s" (afresh--get failure "message")))))))

(defun afresh--stale-line (reference)
  "One stale REFERENCE: what, of which generation, held by whom."
  (let ((count (afresh--get reference "count")))
    (format "    stale %s%s: %s of generation %d, held by %s%s"
            (afresh--get reference "kind")
            (if (equal (afresh--get reference "confidence") "possible") ", possibly" "")
            (afresh--get reference "symbol") (afresh--get reference "generation")
            (or (afresh--get (afresh--get reference "holder") "path") "?")
            (if (> count 1) (format " × %d" count) ""))))

(defun afresh--host-lines (host)
  "What became of one program, HOST."
  (let* ((stale (afresh--list host "stale"))
         (unnamed (- (or (afresh--get host "staleTotal") 0)
                     (apply #'+ (mapcar (lambda (reference) (afresh--get reference "count")) stale)))))
    (append
     (list (format "  %s (process %d, %s)" (afresh--get host "name") (afresh--get host "pid")
                   (afresh--get host "runtime")))
     (seq-mapcat #'afresh--module-lines (afresh--list host "modules"))
     (mapcar #'afresh--stale-line stale)
     (and (> unnamed 0) (list (format "    and %d more stale references" unnamed))))))

(defun afresh--lines (state)
  "STATE in full."
  (let ((report (plist-get state :report)))
    (append
     (list (concat "mode: " (afresh--mode state)))
     (and (plist-get state :programs) (list (format "programs that run live: %d" (plist-get state :programs))))
     (if (null report)
         (list "No reload yet.")
       (append
        (list (format "reload %d: %s" (afresh--get report "sequence") (afresh--outcome report))
              (afresh--get report "message"))
        (seq-mapcat #'afresh--host-lines (afresh--list report "hosts")))))))

;;; eglot

(declare-function eglot-current-server "eglot")
(declare-function jsonrpc-async-request "jsonrpc")

(with-eval-after-load 'eglot
  (eval
   '(progn
      (defclass afresh-eglot-server (eglot-lsp-server) ()
        :documentation "`afresh lsp' under eglot.")
      (cl-defmethod eglot-initialization-options ((_server afresh-eglot-server))
        (or afresh-settings (make-hash-table)))
      (cl-defmethod eglot-handle-notification
        ((server afresh-eglot-server) (_method (eql 'reload/status)) &rest report)
        (afresh--take server report))
      (add-to-list 'eglot-server-programs
                   `((python-mode python-ts-mode) . ,(lambda (&rest _) (cons 'afresh-eglot-server afresh-command)))))
   t))

;;; lsp-mode

(declare-function lsp-register-client "lsp-mode")
(declare-function lsp-find-workspace "lsp-mode")
(declare-function lsp--workspace-status "lsp-mode")
(declare-function lsp-diagnostics--flymake-after-diagnostics "lsp-diagnostics")
(declare-function lsp-request-async "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function lsp-activate-on "lsp-mode")

(defun afresh--execute-action (action)
  "Execute ACTION without waiting for it.
lsp-mode drops what arrives together with an answer that it waits for."
  (afresh--send (lsp-find-workspace 'afresh (buffer-file-name))
                (list :command (afresh--get action "command") :arguments (afresh--get action "arguments"))))

(with-eval-after-load 'lsp-mode
  (let ((notifications (make-hash-table :test #'equal))
        (actions (make-hash-table :test #'equal)))
    (puthash "reload/status" #'afresh--take notifications)
    (dolist (name '("rebind" "migrate" "forget" "restart" "reload" "run"))
      (puthash (concat "afresh." name) #'afresh--execute-action actions))
    (lsp-register-client
     (make-lsp-client
      :new-connection (lsp-stdio-connection (lambda () afresh-command))
      :activation-fn (lsp-activate-on "python")
      :server-id 'afresh
      :add-on? t                          ; beside the server that completes and checks types
      :initialization-options (lambda () (or afresh-settings (make-hash-table)))
      :notification-handlers notifications
      :action-handlers actions))))

(defun afresh--mark-everywhere ()
  "Show marks in the other buffers too.
lsp-mode does so in the current one, and what is stale is often elsewhere."
  (dolist (buffer (remq (current-buffer) (buffer-list)))
    (with-current-buffer buffer
      (when (and (bound-and-true-p lsp-diagnostics-mode)
                 (bound-and-true-p flymake-mode)
                 (fboundp 'lsp-diagnostics--flymake-after-diagnostics))
        (with-demoted-errors "Afresh: %S" (lsp-diagnostics--flymake-after-diagnostics))))))

(add-hook 'lsp-diagnostics-updated-hook #'afresh--mark-everywhere)

;;; Commands

(defun afresh--server ()
  "The server of this buffer; nil if there is none."
  (or (when-let ((workspace (and (bound-and-true-p lsp-mode) (lsp-find-workspace 'afresh (buffer-file-name)))))
        (and (eq (lsp--workspace-status workspace) 'initialized) workspace))
      (when-let ((server (and (fboundp 'eglot-current-server) (eglot-current-server))))
        (and (eq (type-of server) 'afresh-eglot-server) server))))

(defun afresh--send (server parameters &optional done)
  "Have SERVER execute the command in PARAMETERS, then call DONE with it."
  (cl-flet ((succeed (_result) (when done (funcall done server)))
            (fail (failure) (message "Afresh: %s" (afresh--get failure "message"))))
    (if (eq (type-of server) 'afresh-eglot-server)
        (jsonrpc-async-request server :workspace/executeCommand parameters :success-fn #'succeed :error-fn #'fail)
      (lsp-request-async "workspace/executeCommand" parameters #'succeed :error-handler #'fail :mode 'detached))))

(defun afresh--execute (command argument &optional done)
  "Have this buffer's server execute COMMAND with ARGUMENT, then call DONE with it."
  (let ((server (or (afresh--server) (user-error "Afresh: no server runs; open a Python file first"))))
    (afresh--send server (list :command command :arguments (vector argument)) done)))

(defun afresh--uri ()
  "The URI of this buffer's file."
  (concat "file://" (url-hexify-string (expand-file-name buffer-file-name) url-path-allowed-chars)))

(defun afresh-reload ()
  "Reload this buffer's file now, changed or not."
  (interactive)
  (afresh--execute "afresh.reload" (list :uris (vector (afresh--uri)))))

(defun afresh-run (&optional start end)
  "Execute the lines from START to END in the program, or the file as saved.
What it prints is shown."
  (interactive (when (use-region-p) (list (region-beginning) (region-end))))
  (afresh--execute
   "afresh.run"
   (if start
       (let ((first (1- (line-number-at-pos start t)))
             (last (line-number-at-pos (max start (1- end)) t)))
         (list :uri (afresh--uri)
               :range (list :start (list :line first :character 0) :end (list :line last :character 0))))
     (list :uri (afresh--uri)))))

(defun afresh-set-mode (mode)
  "Set what a save reloads, MODE: off, explicit or all."
  (interactive (list (completing-read "Mode: " afresh--modes nil t)))
  (unless (member mode afresh--modes)
    (user-error "Afresh: no mode `%s': there are off, explicit and all" mode))
  (afresh--execute "afresh.setMode" (list :mode mode)
                   (lambda (server)
                     (puthash server (plist-put (gethash server afresh--states) :mode mode) afresh--states)
                     (force-mode-line-update t))))

(defun afresh-track (module)
  "Reload MODULE in mode explicit."
  (interactive "sModule: ")
  (afresh--execute "afresh.track" (list :modules (vector module))))

(defun afresh-untrack (module)
  "Do not reload MODULE."
  (interactive "sModule: ")
  (afresh--execute "afresh.untrack" (list :modules (vector module))))

(defun afresh-status ()
  "Show what the last save did to the running programs."
  (interactive)
  (let ((lines (if-let ((server (afresh--server)))
                   (afresh--lines (gethash server afresh--states))
                 (list "No server runs: open a Python file."))))
    (with-current-buffer (get-buffer-create "*Afresh*")
      (let ((inhibit-read-only t))
        (erase-buffer)
        (insert (string-join lines "\n") "\n"))
      (special-mode)
      (goto-char (point-min))
      (display-buffer (current-buffer)))))

(defvar afresh--mode-line-map
  (let ((map (make-sparse-keymap)))
    (define-key map [mode-line mouse-1] #'afresh-status)
    map))

(defun afresh-mode-line ()
  "What the last save did, in a few words; nil in buffers without a server."
  (when-let ((server (afresh--server)))
    (propertize (concat " " (afresh--short (gethash server afresh--states)) " ")
                'help-echo "mouse-1: what the last save did" 'local-map afresh--mode-line-map)))

(add-to-list 'mode-line-misc-info '(:eval (afresh-mode-line)) t)

(provide 'afresh)
;;; afresh.el ends here
