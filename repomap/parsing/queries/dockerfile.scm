((from_instruction as: (image_alias) @name) @definition.target
 . [(add_instruction) (arg_instruction) (cmd_instruction) (comment) (copy_instruction) (entrypoint_instruction)
    (env_instruction) (expose_instruction) (healthcheck_instruction) (label_instruction) (run_instruction)
    (shell_instruction) (stopsignal_instruction) (user_instruction) (volume_instruction) (workdir_instruction) "\n"]* @body)
((from_instruction !as (image_spec name: (image_name) @name)) @definition.target
 . [(add_instruction) (arg_instruction) (cmd_instruction) (comment) (copy_instruction) (entrypoint_instruction)
    (env_instruction) (expose_instruction) (healthcheck_instruction) (label_instruction) (run_instruction)
    (shell_instruction) (stopsignal_instruction) (user_instruction) (volume_instruction) (workdir_instruction) "\n"]* @body)
(arg_instruction name: (_) @name) @definition.variable
(env_pair name: (_) @name) @definition.variable

(comment) @comment
[(shell_fragment) (json_string) (double_quoted_string) (single_quoted_string) (heredoc_line)] @string
