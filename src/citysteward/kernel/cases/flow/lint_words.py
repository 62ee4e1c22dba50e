"""What the linter says, in English and Chinese: what is wrong, why it matters, the remedy."""

from collections.abc import Mapping
from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Advice:
    """The words of one code; `{detail}` stands for what was found."""

    severity: str
    en: str
    zh: str


ADVICE: Mapping[str, Advice] = {
    # What is not run
    "unknown-element": Advice(
        ERROR,
        "<{detail}> is not part of what procedures may use; remove it",
        "流程中不能使用 <{detail}>，请删除",
    ),
    "refused-kind": Advice(
        ERROR,
        "a {detail} is not run; use a sub-process or plain gateways",
        "不支持 {detail}，请改用子流程或普通网关",
    ),
    "refused-event": Advice(
        ERROR,
        "an event of kind {detail} is not run here; use a message, timer or escalation",
        "此处不支持 {detail} 类事件，请改用消息、定时或升级事件",
    ),
    "script": Advice(
        ERROR,
        "scripts are never run; make it a business rule task with a decision table",
        "系统不执行脚本，请改为业务规则任务并配置决策表",
    ),
    "standard-loop": Advice(
        ERROR,
        "a loop marker says not when to stop; draw the loop with an exclusive gateway",
        "循环标记未说明何时停止，请用排他网关画出循环",
    ),
    "not-executable": Advice(
        WARNING,
        'the process says isExecutable="false"; say "true" once it is meant to run',
        "流程标记为不可执行（isExecutable=false），启用时请改为 true",
    ),
    # Broken ties
    "dangling": Advice(
        ERROR,
        "{detail} does not exist here; correct the reference",
        "引用的 {detail} 不存在，请更正",
    ),
    "unknown-called": Advice(
        ERROR,
        "the called process {detail} is not among the files; add its file or correct the name",
        "所调用的流程 {detail} 不在文件中，请补充文件或更正名称",
    ),
    "call-cycle": Advice(
        ERROR,
        "the process calls itself through {detail}; a call must lead somewhere else",
        "流程经由 {detail} 调用了自身，请改为调用其他流程",
    ),
    "unknown-decision": Advice(
        ERROR,
        "there is no decision table {detail}; add it or correct the name",
        "没有名为 {detail} 的决策表，请补充或更正名称",
    ),
    "no-decision": Advice(
        ERROR,
        'the task names no decision; add flow:decision="…" (a service task: flow:service="…")',
        "任务未指定决策，请添加 flow:decision（服务任务为 flow:service）",
    ),
    "no-message": Advice(
        ERROR,
        "the message has no name; give messageRef a <message> with a name",
        "消息没有名称，请让 messageRef 指向有名称的 <message>",
    ),
    "uncaught-error": Advice(
        ERROR,
        "nothing catches the error {detail}; add an error boundary event around it",
        "错误 {detail} 无处捕获，请在外层添加错误边界事件",
    ),
    # Ways
    "no-start": Advice(
        WARNING,
        "there is no start event; add one",
        "没有开始事件，请添加",
    ),
    "several-starts": Advice(
        ERROR,
        "there are several plain start events; keep one, the others need a message",
        "有多个普通开始事件，请只保留一个，其余改为消息开始事件",
    ),
    "empty": Advice(
        ERROR, "it holds no step; draw one or remove it", "其中没有任何环节，请补充或删除"
    ),
    "unreachable": Advice(
        ERROR,
        "no way leads here from a start event; connect it or remove it",
        "从开始事件无法到达此处，请连接或删除",
    ),
    "no-end": Advice(
        ERROR,
        "no way leads from here to an end; the case could never close",
        "从此处无法到达结束，办件将永远不能办结，请补充出口",
    ),
    "into-start": Advice(
        ERROR,
        "a flow leads into a start or boundary event; lead it to the step after it",
        "顺序流不能进入开始事件或边界事件，请改为指向其后的环节",
    ),
    "out-of-end": Advice(
        ERROR,
        "a flow leads out of an end event; make it an intermediate event",
        "结束事件不能有流出，请改为中间事件",
    ),
    "implicit-split": Advice(
        WARNING,
        "several flows leave this step and all are followed at once; draw a parallel gateway",
        "此环节有多条流出且会同时执行，请画出并行网关",
    ),
    "implicit-join": Advice(
        WARNING,
        "parallel ways meet here without a joining gateway, so that it is done more than once; "
        "join them with a parallel gateway",
        "并行分支在此汇合却没有汇聚网关，此处会被重复执行，请用并行网关汇聚",
    ),
    "starved-join": Advice(
        WARNING,
        "the choice {detail} feeds only part of this parallel join, which then waits for ever; "
        "join with an exclusive gateway",
        "选择 {detail} 只通向此并行汇聚的一部分，汇聚将一直等待，请改用排他网关汇聚",
    ),
    "event-gateway": Advice(
        ERROR,
        "an event-based gateway needs two or more ways, each to a catching event or receive task",
        "事件网关需要两条以上流出，且每条都通向捕获事件或接收任务",
    ),
    # Conditions
    "no-condition": Advice(
        ERROR,
        "the flow leaves a choice without a condition; add one or make it the default",
        "选择网关的流出没有条件，请添加条件或设为默认流",
    ),
    "no-default": Advice(
        WARNING,
        "the choice has no default flow; when no condition is true the case is stuck",
        "选择网关没有默认流，所有条件都不成立时办件将卡住，请设置默认流",
    ),
    "condition-ignored": Advice(
        WARNING,
        "a condition stands where none is read (a default flow, a parallel gateway); remove it",
        "此处的条件不会被读取（默认流或并行网关的流出），请删除",
    ),
    "condition-language": Advice(
        ERROR,
        "the condition is written in {detail}; write it in S-FEEL",
        "条件使用了 {detail}，请改用 S-FEEL 书写",
    ),
    "expression": Advice(
        ERROR,
        "the expression is not S-FEEL: {detail}",
        "表达式不是有效的 S-FEEL：{detail}",
    ),
    "unknown-name": Advice(
        ERROR,
        "the expression uses {detail}, which the procedure doesn't have; correct the name",
        "表达式使用了流程中没有的 {detail}，请更正名称",
    ),
    # Timers and instances
    "empty-timer": Advice(
        ERROR,
        "the timer doesn't say when; write a duration such as PT4H or P5BD",
        "定时器未写明时间，请填写时长，如 PT4H 或 P5BD",
    ),
    "timer-cycle": Advice(
        ERROR,
        "{detail} is not a cycle; write for example R3/P1D",
        "{detail} 不是有效的周期，请写成 R3/P1D 之类",
    ),
    "bare-multi-instance": Advice(
        ERROR,
        "it is to be done several times, but not how often; "
        'add flow:collection="…" or a loopCardinality',
        "标记为多实例却未说明次数，请添加 flow:collection 或 loopCardinality",
    ),
    # People
    "no-role": Advice(
        WARNING,
        "the task stands in no lane, so nobody has to do it; put it in the lane of a role",
        "任务不在任何泳道中，无人负责，请放入相应角色的泳道",
    ),
    "no-name": Advice(
        WARNING,
        "the task has no name; say in a few words what is to be done",
        "任务没有名称，请用几个字写明要做什么",
    ),
}
